#!/bin/sh
set -e
opm validate .
