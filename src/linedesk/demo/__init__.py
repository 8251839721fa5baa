"""`linedesk demo`: a simulated PBX and a simulated CRM on real sockets, and the service between them."""
