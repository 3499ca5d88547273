#!/bin/sh
# Run tools/pythons.py with any Python that runs at all. It finds the one that make then uses.
for python in python3 python3.13 python3.12 python3.11 python "$HOME"/.pyenv/versions/3.1*/bin/python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then
        exec "$python" "$(dirname "$0")/pythons.py" "$@"
    fi
done
echo "No Python was found. Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python ..." >&2
exit 1
