"""For testing a connector without the platform: fakes that speak its protocol over a made-up world, and the conformance kit."""
