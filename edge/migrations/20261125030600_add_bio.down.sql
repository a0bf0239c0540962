-- Bios are set aside, for the day when the migration is applied again; with their profile they go.

CREATE TABLE bios_set_aside (
  subject TEXT PRIMARY KEY NOT NULL REFERENCES profiles (subject) ON DELETE CASCADE,
  bio TEXT NOT NULL
) STRICT;

INSERT INTO bios_set_aside (subject, bio) SELECT subject, bio FROM profiles WHERE bio <> '';

ALTER TABLE profiles DROP COLUMN bio;
