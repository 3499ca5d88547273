#!/bin/sh
# Make the virtual environment FOLDER if it is missing or broken, and install the project there.
#
#   tools/make_environment.sh FOLDER EXTRAS PYTHON_COMMAND...
#
# PYTHON_COMMAND prints the path of the interpreter to use; it is asked only when one is needed.
set -eu
folder=$1 extras=$2
shift 2

# Broken means: made by an interpreter that has since gone, or too old, or without pip.
if ! "$folder/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$("$@")
    echo "Making $folder with $("$python" --version) ($python)"
    "$python" -m venv --clear "$folder"
fi
echo "Installing durable-async[$extras] into $folder"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$folder/bin/python" -m pip install --quiet --editable ".[$extras]"
touch "$folder/.installed"
