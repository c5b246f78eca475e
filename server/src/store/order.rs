//! The order in which people look for names: whatever the accents and the case.

use std::cmp::Ordering;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// SQLite's collation `names`: letters by what they are without their marks, then whatever tells two names apart.
pub(super) fn by_name(one: &str, other: &str) -> Ordering {
    letters(one).cmp(letters(other)).then_with(|| one.cmp(other))
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    let bare = name.nfd().filter(|character| !is_combining_mark(*character));
    bare.flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::by_name;

    #[test]
    fn a_name_stands_where_its_letters_are_looked_for() {
        let mut names = [
            "Zoë", "anna", "Çelik", "Đặng", "Émile", "Zoe", "Bo", "emil", "Cem",
        ];
        names.sort_by(|one, other| by_name(one, other));
        // Đ is a letter of its own, behind z
        assert_eq!(
            names,
            [
                "anna", "Bo", "Çelik", "Cem", "emil", "Émile", "Zoe", "Zoë", "Đặng"
            ]
        );
    }
}
