"""Where branches, programmes and ventures go, and how they end."""
