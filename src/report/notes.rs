//! What else is to be known, in a list that a flood cannot fill (L8).

/// How many notes are kept on one server, and on the run: nobody reads more, and each of them is an event besides.
const MOST: usize = 20;

/// Adds a note, unless it is there already or the list is full: then its last line says how many are not in it.
pub(super) fn add(notes: &mut Vec<String>, left_out: &mut u32, text: String) {
    if notes.contains(&text) {
        return;
    }
    if notes.len() < MOST {
        return notes.push(text);
    }
    *left_out = left_out.saturating_add(1);
    notes.truncate(MOST);
    notes.push(format!("{left_out} more notes are left out here"));
}
