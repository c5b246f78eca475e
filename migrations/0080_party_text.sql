-- Whoever is new is found by any part of a number or a name from the first moment on.
CREATE TRIGGER party_text_of_new AFTER INSERT ON party BEGIN
    INSERT INTO party_text (rowid, digits, folded) VALUES (new.id, new.digits, new.folded);
END;
