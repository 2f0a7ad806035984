-- Whoever waits for a lock from here on gives up after three seconds, until the transaction ends.
SET LOCAL lock_timeout = '3s';
