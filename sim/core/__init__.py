"""Machinery: columns, keyed draws, ledger, clock, schedule. It knows nothing of regions, firms or policy."""
