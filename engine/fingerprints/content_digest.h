// Whether two exports hold the same: one keyed digest of schema and rows, whatever the order of either.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/secret.h"
#include "fields/schema.h"
#include "fingerprints/batch_fingerprinter.h"

namespace sidik {

/// A keyed hash of a multiset of rows (the keyed additive multiset hash of Clarke and others, Asiacrypt 2003): the sum
/// modulo 2^128 of each row's AES-CMAC, which is taken of its fingerprints (64 bits each, little-endian, 0 for null) in
/// the order of the column ids; finished by an AES-CMAC of the sum, the number of rows and the column ids and types
/// under another key, so that sums never show: digests of chosen tables cannot be added up.
///
/// Keyed, because a plain digest would confirm a guessed file. What it costs: 15-20 ns a row of nine columns. Columns
/// in another order give the same digest, except where a row has several valid values of the type that identifies it:
/// there the leftmost gave the tag, so the records differ as well. One object a thread; merge() adds up what threads
/// have seen.
class ContentDigest {
 public:
  ContentDigest(const Secret& digest_secret, const Schema& schema);
  ~ContentDigest();
  ContentDigest(ContentDigest&&) noexcept;

  /// REQUIRES: `batch` was made with the schema given above.
  void add(const FingerprintedBatch& batch);
  /// REQUIRES: `other` has the same secret and schema.
  void merge(const ContentDigest& other);

  std::uint64_t rows() const;
  /// 32 hex digits of everything added so far; more may be added afterwards.
  std::string finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sidik
