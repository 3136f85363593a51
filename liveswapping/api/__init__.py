"""LiveSwapping over HTTP: one live run, files, and jobs, for programs of the same machine or, with TLS, of others.

Needs the extra `api`. No route answers without the token, not even the description of the routes.
"""
