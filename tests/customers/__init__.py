"""Tests of customers: what is told of them, what is counted, who may see and forget them."""
