//! What a burst has made large is given back once it is empty: an idle connection owns next to nothing.

use std::collections::{HashMap, VecDeque};

/// Frees the memory of a list, when it is empty and was long.
pub fn free_list<T>(list: &mut VecDeque<T>) {
    if list.is_empty() && SMALL < list.capacity() {
        *list = VecDeque::new();
    }
}

/// Frees the memory of a table, when it is empty and was large.
pub fn free_table<K, V>(table: &mut HashMap<K, V>) {
    if table.is_empty() && SMALL < table.capacity() {
        *table = HashMap::new();
    }
}

/// Memory for that many is not worth giving back.
const SMALL: usize = 32;
