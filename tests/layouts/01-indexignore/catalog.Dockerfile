FROM quay.io/operator-framework/opm:latest
ADD catalog /configs
LABEL operators.operatorframework.io.index.configs.v1=/configs
