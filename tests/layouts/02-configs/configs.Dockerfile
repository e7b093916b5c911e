FROM quay.io/operator-framework/opm:latest
ADD configs /configs
LABEL operators.operatorframework.io.index.configs.v1=/configs
