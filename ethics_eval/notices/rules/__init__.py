"""What a notice says, to whom it goes and how it is numbered; pure."""
