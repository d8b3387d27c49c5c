//! Plain UDP sockets for multicast announcements.
