// Rows of a sample as they wait to be linked and compared: codes and tags of what they show, no text.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "trace/cell_completion.h"
#include "trace/column_map.h"
#include "trace/field_role.h"
#include "trace/frequencies.h"
#include "trace/link.h"
#include "trace/reading.h"

namespace sidik {

/// A set of mapped columns, by their place in ColumnMap::mapped.
using FieldMask = std::uint64_t;

inline constexpr double kNatsPerStep =
    0.125;  // information is kept in bytes, so that sums do not depend on their order

/// How mapped columns are read, and what their values are worth. Immutable, shared by threads.
class FieldPlan {
 public:
  FieldPlan(const ColumnMap& map, const std::vector<FieldRole>& roles, const ValueFrequencies& frequencies,
            const FingerprintStore& store);

  /// A column of the exports and the reading that it is compared with.
  struct Compared {
    ColumnId column;
    std::uint32_t field, reading;
    bool also;  // another column of a set: it may excuse what differs from the column itself
  };

  std::size_t fields() const { return fields_; }
  const std::vector<Reading>& readings() const { return readings_; }
  std::uint32_t field_of(std::size_t reading) const { return field_of_[reading]; }
  std::uint32_t first_reading(std::size_t field) const { return first_reading_[field]; }
  const std::vector<Compared>& compared() const { return compared_; }  // those with `also` last
  /// Whether a reading links: its type singles out rows, or an index holds it.
  bool links(std::size_t reading) const { return links_[reading] != 0; }
  /// Whether tags of a reading are computed: some export's rows go by this type, or what a value is worth asks for it.
  bool gives_tags(std::size_t reading) const { return gives_tags_[reading] != 0; }
  /// One a column of the sample.
  const std::vector<ColumnCut>& cuts() const { return cuts_; }
  /// Which codes a reading's are compared as.
  const CodeTable& table(std::size_t reading) const { return tables_[reading]; }
  /// Of what open cells of a field may have been, the share that is somebody's by chance.
  double held(std::uint32_t field) const { return held_[field]; }
  /// Of a field whose values follow from the NIK: ln(1/P) of two values that are drawn as its column has them being the
  /// same, nats; 0 of others.
  double told(std::size_t field) const { return told_[field]; }
  /// What a value of a field is worth that repeats another of its row, nats: it is as common as such rows are.
  double repeated(std::size_t field) const { return repeated_[field]; }

 private:
  friend void set_worth(const FieldPlan& plan, struct ReadRows& rows, std::size_t from, std::size_t to);
  struct Worth {
    ColumnId column;                       // knows frequencies best: it has most rows
    std::uint32_t reading;                 // what it is compared with
    std::vector<std::uint16_t> fractions;  // of a step, by code
    bool tag_counts;                       // a value that gives a tag is worth `tag_fractions`
    std::uint16_t tag_fractions;
    bool follows_nik;
    /// What other columns list that this one does not: a value is as common as whichever holds it says.
    struct Elsewhere {
      std::uint32_t reading;
      std::vector<std::uint16_t> fractions;  // by code
    };
    std::vector<Elsewhere> elsewhere;
    std::vector<char> listed;  // by code; empty where there is no elsewhere
  };
  void find_elsewhere(const MappedColumn& mapped, const ValueFrequencies& frequencies, Worth& worth) const;

  std::size_t fields_;
  std::vector<Reading> readings_;
  std::vector<std::uint32_t> field_of_, first_reading_;
  std::vector<Compared> compared_;
  std::vector<char> links_, gives_tags_;
  std::vector<CodeTable> tables_;        // by reading
  std::vector<Worth> worth_;             // one a field
  std::vector<RepeatedColumn> repeats_;  // `second` repeats `first`: what is usually worth more
  std::vector<double> repeated_, told_;  // by field
  FieldMask nik_fields_ = 0;
  std::vector<ColumnCut> cuts_;
  std::vector<double> held_;  // by field
};

/// Cells of some rows that need another look.
struct ReadCells {
  std::vector<OpenCell> open;      // by row: those that may be completed
  std::uint64_t untried = 0;       // open cells that may not, for there are too many
  std::vector<OpenCell> doubtful;  // by row: whole numbers, as written, in case they lead nowhere
};

/// What became of some rows. Reused: keeps its capacity. Rows are read into places of it, by several threads at once.
struct ReadRows {
  std::size_t rows = 0;
  std::vector<ReadValues> values;           // one a reading; tags only where the plan says so
  RoomyVector<ColumnCode> codes;            // rows x readings; kNullCode where there is no value
  RoomyVector<std::uint8_t> information;    // rows x fields, in steps of kNatsPerStep; 0 where there is no value
  RoomyVector<FieldMask> open;              // fields of whose value a part is lost: no value so far
  RoomyVector<FieldMask> visible;           // fields in which the row has a value
  RoomyVector<FieldMask> repeats;           // of them those that repeat another's
  RoomyVector<std::uint64_t> value_digest;  // of what it shows, as read
  RoomyVector<std::uint64_t> row_digest;    // of its cells as written
  RoomyVector<std::uint64_t> place;         // file_line()
  ReadCells cells;

  /// Room for so many rows, which are to be read (or left out: `rows` may be set lower).
  void resize(const FieldPlan& plan, std::size_t to);
  /// Takes in cells of rows that were read.
  void add(ReadCells&& some);
  /// The readings that link, over all rows.
  std::vector<LinkColumn> link_columns(const FieldPlan& plan) const;
  static std::size_t bytes_a_row(const FieldPlan& plan);
};

/// Fills in what the values of the rows [from, to) are worth, and the digests of what they show.
void set_worth(const FieldPlan& plan, ReadRows& rows, std::size_t from, std::size_t to);

/// Whether numbers are kept as they are written (ReadRows::doubtful): for rows that are not too many.
enum class Doubt : std::uint8_t { kKeep, kForget };
inline constexpr std::size_t kFewRows = 20000;

/// Reads batches. One object a thread.
class RowsReader {
 public:
  /// Open cells of `completed_share` of the rows, drawn by their digests, may be completed.
  RowsReader(const FieldPlan& plan, const EpochSecrets& secrets, double completed_share, Doubt doubt)
      : plan_(plan), reader_(secrets), completed_share_(completed_share), doubt_(doubt) {}
  /// Reads `rows` rows, from `first` on, into the places of `out` from `at` on, but for out.cells: what of these the
  /// rows have is returned. `columns` are the sample's. REQUIRES: `out` has the room.
  ReadCells read(std::span<const std::vector<std::string_view>> columns, std::size_t first, std::size_t rows,
                 std::span<const std::uint64_t> places, ReadRows& out, std::size_t at);

 private:
  /// Where rows come from and go to.
  struct Batch {
    std::span<const std::vector<std::string_view>> columns;
    std::size_t first, rows;
    ReadRows& out;
    std::size_t at;
    std::string_view cell(std::size_t column, std::size_t row) const { return columns[column][first + row]; }
  };
  void find_doubtful(const Batch& batch, ReadCells& cells) const;
  void find_open_cells(const Batch& batch, ReadCells& cells) const;

  const FieldPlan& plan_;
  ColumnReader reader_;
  double completed_share_;
  Doubt doubt_;
  std::vector<std::string_view> cells_;
};

}  // namespace sidik
