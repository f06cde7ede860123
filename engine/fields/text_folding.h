// The fold that every type begins with: Unicode NFKC, case folded, white space collapsed. ASCII never sees the Unicode
// library.
#pragma once

#include <string>
#include <string_view>

namespace sidik {

/// Writes the fold of an ASCII value to `out` and returns the end: capitals lowered, runs of white space and control
/// characters one space, none at either end. Nothing is written for a blank value. REQUIRES: 16 readable bytes behind
/// `text`, room for text.size() + 16 at `out`.
char* fold_ascii(std::string_view text, char* out);

/// The same for a value without blanks at either end; nullptr (and rubbish at `out`) where it holds anything but
/// printable ASCII and single spaces, which is rare. About 1 ns for 16 bytes.
char* fold_tidy_ascii(std::string_view text, char* out);

/// The fold of any value, in `buffer`; what is not UTF-8 is read byte by byte as Windows-1252. kTextSlack readable
/// bytes stand behind the result. May be empty (zero-width characters and spaces only).
///
/// Code points newer than Unicode 15.0 are left alone, and so are the few whose compatibility form would be more than
/// four times as long as what was written (U+FDFA is eighteen letters): no library's newer data, and no hostile cell,
/// changes the size or the form of a value. A fold of a fold changes nothing.
std::string_view fold_unicode(std::string_view text, std::string& buffer);

/// Small letters without their marks, as addresses of mail have names ("Michał" is michal, "Weiß" weiss); letters that
/// are not Latin stay. `umlauts`: ä, ö, ü become ae, oe, ue.
std::string fold_to_latin(std::string_view text, bool umlauts);

/// The fold of `text` with everything but letters and digits left out.
std::string fold_letters_and_digits(std::string_view text);

}  // namespace sidik
