"""The entrance: a process of its own before the service, so that /metrics waits for no page.

It accepts, speaks TLS, lets in, and passes requests on over sockets that it makes for the service.
It imports neither the store nor the measuring: it starts in a quarter of a second.
"""
