"""The desktop application: PySide6 only. It drives the same Runner as the command line, on threads of its own."""
