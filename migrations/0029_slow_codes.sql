-- A code's hash is Argon2id's from here on, with the hotel's id for its salt, and no longer BLAKE3's:
-- whoever reads the table tries the 2^40 codes that there are one by one, slowly. Those of before are
-- found no more; whoever holds one asks for another.

truncate device_code;
