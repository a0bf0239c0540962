-- A few words of the person about themselves. A bio that a rollback had set aside comes back.

ALTER TABLE profiles ADD COLUMN bio TEXT NOT NULL DEFAULT '';

CREATE TABLE IF NOT EXISTS bios_set_aside (
  subject TEXT PRIMARY KEY NOT NULL REFERENCES profiles (subject) ON DELETE CASCADE,
  bio TEXT NOT NULL
) STRICT;

UPDATE profiles SET bio = bios_set_aside.bio FROM bios_set_aside WHERE profiles.subject = bios_set_aside.subject;

DROP TABLE bios_set_aside;
