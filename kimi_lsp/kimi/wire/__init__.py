"""What goes over the wire, one endpoint a file. Pure: a request in and JSON out, an event's data in and deltas out.

No socket, no clock, no host name and no key is known here, so that nothing of these can go wrong here.
"""
