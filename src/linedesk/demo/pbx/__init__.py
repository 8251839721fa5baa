"""The simulated Wildix PBX: calls, signed webhooks, call control, colleagues. No audio, no phonebooks."""
