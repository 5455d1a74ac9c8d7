"""Python side of the AI Emissions Ledger."""
