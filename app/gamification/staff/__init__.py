"""The people who run the programme for the broker: who they are, what they may do, and their sign-ins."""
