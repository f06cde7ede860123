#include "seal/boosting.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>

namespace sidik::looks {
namespace {

constexpr std::size_t kParts = 5;
constexpr int kTrees = 150;

void check(int status) {
  if (status != 0) throw std::runtime_error(XGBGetLastError());
}

class Matrix {
 public:
  Matrix(const std::vector<Features>& rows, const std::vector<std::size_t>& which) {
    std::vector<float> flat;
    for (const std::size_t r : which) flat.insert(flat.end(), rows[r].begin(), rows[r].end());
    check(XGDMatrixCreateFromMat(flat.data(), which.size(), rows.front().size(),
                                 std::numeric_limits<float>::quiet_NaN(), &handle_));
  }
  ~Matrix() { XGDMatrixFree(handle_); }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  DMatrixHandle handle() const { return handle_; }

 private:
  DMatrixHandle handle_ = nullptr;
};

class Trees {
 public:
  explicit Trees(const Matrix& rows) {
    const DMatrixHandle handles[] = {rows.handle()};
    check(XGBoosterCreate(handles, 1, &handle_));
    for (const auto& [name, value] :
         {std::pair("objective", "binary:logistic"), std::pair("max_depth", "5"), std::pair("eta", "0.1"),
          std::pair("subsample", "0.8"), std::pair("colsample_bytree", "0.8"), std::pair("nthread", "1"),
          std::pair("tree_method", "hist"), std::pair("seed", "1"), std::pair("verbosity", "0")})
      check(XGBoosterSetParam(handle_, name, value));
    for (int i = 0; i < kTrees; ++i) check(XGBoosterUpdateOneIter(handle_, i, rows.handle()));
  }
  ~Trees() { XGBoosterFree(handle_); }
  Trees(const Trees&) = delete;
  Trees& operator=(const Trees&) = delete;

  std::vector<float> predict(const Matrix& rows) const {
    bst_ulong length = 0;
    const float* result = nullptr;
    check(XGBoosterPredict(handle_, rows.handle(), 0, 0, 0, &length, &result));
    return {result, result + length};
  }

  /// By feature; those that no tree asks for are left out.
  std::vector<std::pair<std::size_t, double>> gains() const {
    bst_ulong features = 0, dimensions = 0;
    const char** names = nullptr;
    const bst_ulong* shape = nullptr;
    const float* scores = nullptr;
    check(XGBoosterFeatureScore(handle_, R"({"importance_type": "total_gain"})", &features, &names, &dimensions, &shape,
                                &scores));
    std::vector<std::pair<std::size_t, double>> out;
    for (bst_ulong i = 0; i < features; ++i)  // named f0, f1, ...
      out.emplace_back(std::stoul(names[i] + 1), static_cast<double>(scores[i]));
    return out;
  }

 private:
  BoosterHandle handle_ = nullptr;
};

}  // namespace

std::vector<double> held_out_scores(const std::vector<Features>& rows, const std::vector<std::uint8_t>& labels,
                                    const std::vector<std::uint64_t>& groups) {
  std::vector<std::size_t> part;
  for (const std::uint64_t group : groups) part.push_back(std::mt19937_64(group)() % kParts);
  std::vector<double> scores(rows.size());
  for (std::size_t held_out = 0; held_out < kParts; ++held_out) {
    std::vector<std::size_t> learnt, asked;
    for (std::size_t r = 0; r < rows.size(); ++r) (part[r] == held_out ? asked : learnt).push_back(r);
    const Matrix to_learn(rows, learnt), to_ask(rows, asked);
    std::vector<float> truth;
    for (const std::size_t r : learnt) truth.push_back(labels[r]);
    check(XGDMatrixSetFloatInfo(to_learn.handle(), "label", truth.data(), truth.size()));
    const std::vector<float> told = Trees(to_learn).predict(to_ask);
    for (std::size_t i = 0; i < asked.size(); ++i) scores[asked[i]] = static_cast<double>(told[i]);
  }
  return scores;
}

std::vector<std::pair<std::size_t, double>> telling_features(const std::vector<Features>& rows,
                                                             const std::vector<std::uint8_t>& labels) {
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Matrix matrix(rows, all);
  const std::vector<float> truth(labels.begin(), labels.end());
  check(XGDMatrixSetFloatInfo(matrix.handle(), "label", truth.data(), truth.size()));
  auto gains = Trees(matrix).gains();
  std::sort(gains.begin(), gains.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  double sum = 0;
  for (const auto& gain : gains) sum += gain.second;
  for (auto& gain : gains) gain.second /= sum;
  return gains;
}

double area_under_curve(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double below = 0, area = 0, ones = 0;
  for (std::size_t i = 0; i < order.size();) {
    double zeros_here = 0, ones_here = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) (labels[order[i]] != 0 ? ones_here : zeros_here) += 1;
    area += ones_here * (below + zeros_here / 2);
    below += zeros_here;
    ones += ones_here;
  }
  return area / (ones * below);
}

double found_at(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels, double given_up) {
  std::vector<double> zeros;
  for (std::size_t r = 0; r < scores.size(); ++r)
    if (labels[r] == 0) zeros.push_back(scores[r]);
  std::sort(zeros.begin(), zeros.end(), std::greater<>());
  const double threshold = zeros[static_cast<std::size_t>(given_up * static_cast<double>(zeros.size()))];
  double found = 0, ones = 0;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    ones += labels[r];
    found += labels[r] != 0 && scores[r] > threshold ? 1 : 0;
  }
  return found / ones;
}

}  // namespace sidik::looks
