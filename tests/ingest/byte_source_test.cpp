#include "ingest/byte_source.h"

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "base/error.h"
#include "read_all.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

namespace sidik::test {
namespace {

using namespace std::string_literals;

std::string gzip(const std::string& text) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  REQUIRE(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

std::string read_everything(ByteSource& source, std::size_t piece = 1000) {
  std::string all;
  std::string buffer(piece, '\0');
  while (const std::size_t size = source.read(buffer)) all.append(buffer, 0, size);
  return all;
}

std::string table_text() {
  std::string text = "nik,nama\n";
  for (int i = 0; i < 40000; ++i)
    text.append(std::to_string(i * 7919)).append(",NAMA ").append(std::to_string(i % 977)).append("\n");
  return text;
}

struct Refusal {
  ErrorKind kind = ErrorKind::kFailed;
  std::string text = "accepted";
};

template <class Work>
Refusal refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return {error.kind(), error.what()};
  }
  return {};
}

Refusal opening(const std::filesystem::path& path) {
  return refusal([&] {
    TableReader reader(open_source(path), {});
    read_all(reader);
  });
}

}  // namespace

TEST_CASE("a file is read plain, as gzip or as zstd, whatever its name", "[ingest][source]") {
  const TemporaryDirectory folder;
  const std::string text = table_text();
  const std::string half = text.substr(0, 100000);
  const std::string rest = text.substr(100000);
  const struct {
    std::string content;
    Compression compression;
  } cases[] = {
      {text, Compression::kNone},
      {gzip(text), Compression::kGzip},
      {gzip(half) + gzip(rest), Compression::kGzip},
      {gzip(half) + gzip("") + gzip(rest) + std::string(1000, '\0'), Compression::kGzip},
      {zstd(text), Compression::kZstd},
      {zstd(half) + zstd("") + zstd(rest), Compression::kZstd},
      {"\x50\x2A\x4D\x18\x03\0\0\0abc"s + zstd(text), Compression::kZstd},
  };
  for (const auto& one : cases) {
    const auto path = folder.write("export.bin", one.content);
    Compression compression = Compression::kNone;
    const auto source = open_source(path, &compression);
    CHECK(compression == one.compression);
    CHECK(source->compression() == one.compression);
    CHECK(source->total() == one.content.size());
    CHECK((read_everything(*source, 777) == text));
    CHECK(source->consumed() == one.content.size());
    TableReader reader(open_source(path), {});
    CHECK(reader.dialect().compression == one.compression);
    CHECK(reader.name() == path.string());
    CHECK(read_all(reader).rows.size() == 40000);
  }
}

TEST_CASE("compressed data that are cut short are refused with file and byte", "[ingest][source]") {
  const TemporaryDirectory folder;
  const std::string text = table_text();
  for (const auto& [format, content] : {std::pair{"gzip"s, gzip(text)}, std::pair{"zstd"s, zstd(text)},
                                        std::pair{"gzip"s, gzip("a,b\n1,2\n") + gzip(text)}}) {
    for (const std::size_t size :
         {content.size() - 1, content.size() - 7, content.size() / 2, std::size_t{600}, std::size_t{20}}) {
      const auto path = folder.write("cut." + format, content.substr(0, size));
      const Refusal found = opening(path);
      INFO(size);
      CHECK(found.kind == ErrorKind::kRefused);
      CHECK(says(found.text, {path.string(), "byte " + std::to_string(size), format, "cut short"}));
    }
  }
}

TEST_CASE("damaged compressed data are refused with file and byte", "[ingest][source]") {
  const TemporaryDirectory folder;
  for (auto content : {gzip(table_text()), zstd(table_text())}) {
    content[content.size() - 3] = static_cast<char>(content[content.size() - 3] ^ 0x40);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 0x40);
    const Refusal found = opening(folder.write("damaged", content));
    CHECK(found.kind == ErrorKind::kRefused);
    CHECK(says(found.text, {"damaged, byte ", "are damaged"}));
  }
  const Refusal behind = opening(folder.write("behind", gzip("nik,nama\n1,a\n") + "nik,nama\n"));
  CHECK(says(behind.text, {"behind, byte ", "other bytes behind the end"}));
}

TEST_CASE("a file that cannot be read says why", "[ingest][source]") {
  const TemporaryDirectory folder;
  const auto missing = opening(folder.path() / "missing.csv");
  CHECK(missing.kind == ErrorKind::kRefused);
  CHECK(says(missing.text, {"missing.csv", "no such file"}));
  const auto directory = opening(folder.path());
  CHECK(directory.kind == ErrorKind::kRefused);
  CHECK(says(directory.text, {folder.path().string(), "a directory"}));
  const auto empty = opening(folder.write("empty.csv", ""));
  CHECK(empty.kind == ErrorKind::kRefused);
  CHECK(says(empty.text, {"empty.csv", "nothing in it"}));
  const auto empty_inside = opening(folder.write("empty.csv.gz", gzip("")));
  CHECK(empty_inside.kind == ErrorKind::kRefused);
  CHECK(says(empty_inside.text, {"empty.csv.gz", "nothing in it"}));
}

TEST_CASE("what is no delimited text is refused by its name, with what to do", "[ingest][source]") {
  const TemporaryDirectory folder;
  const std::string zip_entry = "PK\x03\x04\x14\0\0\0\x08\0"s + std::string(16, '\x01') + "\x13\0\0\0"s;
  const struct {
    std::string content;
    const char* what;
    const char* advice;
  } cases[] = {
      {zip_entry + "[Content_Types].xml", "xlsx", "save each sheet as CSV"},
      {zip_entry + "data.csv", "zip archive", "unpack"},
      {"PAR1\x15\x04"s, "Parquet", "as CSV"},
      {"%PDF-1.7\n", "PDF", "CSV"},
      {"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s, "PNG", "CSV"},
      {"\xFF\xD8\xFF\xE0\0\x10JFIF"s, "JPEG", "CSV"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"s, "xls", "CSV"},
      {"SQLite format 3\0abc"s, "SQLite", "-csv"},
      {"BZh91AY&SY\x3C\x07", "bzip2", "decompress"},
      {"a.csv" + std::string(95, '\0') + "0000644" + std::string(150, '\0') + "ustar\0"s, "tar archive", "unpack"},
      {"7z\xBC\xAF\x27\x1C", "7z", "unpack"},
      {gzip(gzip("nik,nama\n1,a\n")), "compressed twice", "once"},
      {gzip(zip_entry + "xl/workbook.xml"), "xlsx", "CSV"},
      {"{\"nik\": \"3273010101900001\"}\n", "JSON", "CSV"},
      {"<!DOCTYPE html>\n<html>", "web page", "CSV"},
      {"[1, \"BUDI\"]\n[2, \"SITI\"]\n", "JSON", "CSV"},
      {"{'nik': '3273010101900001'}\n", "JSON", "CSV"},
      {"<table><tr><td>1</td></tr></table>\n", "web page", "CSV"},
      {"INSERT INTO `peserta` VALUES (1,'BUDI');\n", "SQL dump", "CSV"},
      {"REPLACE INTO `peserta` VALUES (1,'BUDI');\n", "SQL dump", "CSV"},
      {"-- exported\n\nSET names utf8;\nLOCK TABLES `peserta` WRITE;\n", "SQL dump", "CSV"},
      {"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (b);\n", "SQL dump", "CSV"},
      {"SET statement_timeout = 0;\nCOPY public.m (id, name) FROM stdin;\n1\tBudi\n", "SQL dump", "CSV"},
      {"--\n-- PostgreSQL database dump\n--\n", "SQL dump", "CSV"},
      {std::string(5000, '\0') + "a,b\n", "binary", "CSV"},
      {"\x7F"
       "ELF\x02\x01\x01\0"s,
       "program", "delimited text"},
  };
  for (const auto& one : cases) {
    const Refusal found = opening(folder.write("file.csv", one.content));
    CHECK(found.kind == ErrorKind::kRefused);
    CHECK(says(found.text, {"file.csv", one.what, one.advice}));
  }
}

TEST_CASE("a table that speaks of SQL or begins with a bracket is a table", "[ingest][source]") {
  const TemporaryDirectory folder;
  for (const char* text : {"use,note\n1,insert into the slot\n2,x\n", "# a,b\n1,create table\n", "set id,size\n1,2\n",
                           "[id],[name]\n1,Budi\n2,Siti\n", "{id},x\n1,2\n", "[1],2\n[3],4\n"})
    CHECK(opening(folder.write("file.csv", text)).text == "accepted");
}

TEST_CASE("a table that has the letters of a format's signature is a table", "[ingest][source]") {
  const TemporaryDirectory folder;
  for (const char* text : {"ORCID,name\n0000-0002,Budi\n", "PAR1,PAR2\n1,2\n", "BZh,x\n1,2\n", "LZIP,x\n1,2\n",
                           "PGDMP;x\n1;2\n", "a,b,c,d,WEBP\n1,2,3,4,5\n"})
    CHECK(opening(folder.write("file.csv", text)).text == "accepted");
  // Where a tar archive has "ustar", Mustari has a part of his name.
  std::string text = "name,town\n";
  while (text.size() + 30 < 257) text += "SITI RAHAYU,BANDUNG\n";
  text += std::string(256 - text.size(), 'A') + "Mustari,GARUT\n";
  REQUIRE(text.substr(257, 5) == "ustar");
  CHECK(opening(folder.write("file.csv", text)).text == "accepted");
}

TEST_CASE("a tee sees every byte once, in order", "[ingest][source]") {
  std::string seen;
  const std::string text = table_text();
  const auto source = teed(memory_source(text, "memory"),
                           [&](std::span<const char> bytes) { seen.append(bytes.begin(), bytes.end()); });
  CHECK((read_everything(*source) == text));
  CHECK((seen == text));
}

TEST_CASE("what is put back is read first", "[ingest][source]") {
  const auto source = put_back("abc", memory_source("defg", "memory"));
  CHECK(read_everything(*source, 2) == "abcdefg");
  CHECK(source->name() == "memory");
}

TEST_CASE("a descriptor is read to its end", "[ingest][source]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "nik,nama\n1,a\n", 13) == 13);
  close(ends[1]);
  TableReader reader(descriptor_source(ends[0], "producer"), {});
  CHECK(read_all(reader).rows.size() == 1);
  CHECK(reader.name() == "producer");
}

}  // namespace sidik::test
