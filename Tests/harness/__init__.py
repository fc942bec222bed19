"""What the suites with real processes share: a server, clients that say exactly what a test tells
them to, and a network that can be cut."""
