"""What an operator sees of the service: metrics, logs, traces. Knows no route and no digit."""
