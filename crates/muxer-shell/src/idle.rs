//! What a burst has made large is given back once it is empty: an idle connection owns next to nothing.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::RandomState;

/// What is kept of each stream. Numbers of streams are short and looked up often, and how many there may be is
/// bounded: a quick hash with a secret is enough against a remote that chooses them.
pub(crate) type Table<K, V> = HashMap<K, V, RandomState>;

/// Frees the memory of a list, when it is empty and was long.
pub fn free_list<T>(list: &mut VecDeque<T>) {
    if list.is_empty() && SMALL < list.capacity() {
        *list = VecDeque::new();
    }
}

/// Frees the memory of a table, when it is empty and was large.
pub(crate) fn free_table<K, V>(table: &mut Table<K, V>) {
    if table.is_empty() && SMALL < table.capacity() {
        *table = Table::default();
    }
}

/// Memory for that many is not worth giving back.
const SMALL: usize = 32;
