"""What people tell the service, kept in a database."""
