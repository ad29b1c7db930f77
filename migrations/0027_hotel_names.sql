-- What a hotel is called is a field of its document, which its managers write. Whoever signs in on a
-- device that has no document yet is told the name from here: it follows the document, in the
-- transaction in which the log takes what names the hotel.
grant update (name) on hotel to keyrack_app;
