"""The simulated Wildix PBX: calls, signed webhooks, call control, people, phonebooks, sign-in. No audio."""
