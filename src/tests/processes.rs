//! Real processes: a registrar, pool elements and pool users as a person or the control centre starts them.
