#!/bin/sh
# Make the virtual environment FOLDER if it is missing or broken, and install the project there.
#
#   tools/make_environment.sh FOLDER EXTRAS PYTHON_COMMAND...
#
# PYTHON_COMMAND prints the path of the interpreter to use; it is asked only when one is needed.
set -eu
folder=$1 extras=$2
shift 2

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

# Broken means: made by an interpreter that has since gone, or too old, or without pip.
if ! "$folder/bin/python" -c "import pip; $new_enough" >/dev/null 2>&1; then
    python=$("$@")
    if ! "$python" -c "$new_enough" >/dev/null 2>&1; then
        echo "$python does not run, or is older than Python 3.11." >&2
        exit 1
    fi
    echo "Making $folder with $("$python" --version) ($python)"
    "$python" -m venv --clear "$folder"
fi
echo "Installing durable-async[$extras] into $folder"
# Twice quiet: errors only. Warnings about package indexes belong to the machine, not to us.
"$folder/bin/python" -m pip --disable-pip-version-check install -q -q --editable ".[$extras]"
touch "$folder/.installed"
