// The check digits of numbers that the world gives out: of cards, books, accounts, taxpayers, patients, citizens.
// Whoever makes a number like others makes it so that no validator refuses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidik {

/// What of a number counts: its letters and digits.
bool is_letter_or_digit(char c);
std::string letters_and_digits(std::string_view number);

/// The ways that are known. Only letters and digits of a number count; what stands between them stays where it is. All
/// functions are thread-safe; `system` is below check_system_count().
std::size_t check_system_count();
/// "luhn", "iban", "cpf", ...
std::string_view check_system_name(std::size_t system);
/// Whether its numbers are given out by a state, or by a trade to all who deal in it (accounts, goods, vehicles):
/// others have them of the same people and things. A number under Luhn's system may be anybody's own.
bool is_official(std::size_t system);

/// The system that most of a column's numbers are right under, `least` of them; of several the strictest. `counts` are
/// count_checked()'s.
std::optional<std::size_t> checked_by(std::span<const std::uint32_t> counts, double least);

/// Adds one to the count of each system (check_system_count() of them) under which `number` is right. One number in ten
/// is right under most by chance: only a column of numbers tells.
void count_checked(std::string_view number, std::span<std::uint32_t> counts);

/// By byte of `number`: whether it is one of the system's check characters. All false where it is not of its form.
std::vector<bool> check_places(std::size_t system, std::string_view number);

/// `number` with its check characters right; nothing where it is not of the system's form, or has digits that it gives
/// to none (a remainder of ten where there is no sign for ten).
std::optional<std::string> with_checks(std::size_t system, std::string_view number);

}  // namespace sidik
