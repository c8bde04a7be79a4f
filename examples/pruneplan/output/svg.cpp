// SPDX-License-Identifier: BSL-1.0
// A plan as a picture (SVG 1.1): containers at the left, a line from each to the images that it runs or mounts, and
// their names at the right, with what happens to each and why.
#include "output.hpp"
#include "view.hpp"
#include "wrap.hpp"

#include <algorithm>
#include <cstdint>
#include <sstream>

namespace cli {
namespace {

/// Sizes in pixels, for the width at which README.md shows the picture.
constexpr int width = 830, margin = 24, top = 62, box_height = 46, step = 60, text_line = 18;
constexpr int container_x = margin, container_width = 186;
constexpr int image_x = 304, image_width = 172;
constexpr int pill_x = 506, pill_width = 58, name_x = pill_x + pill_width + 10;
constexpr std::size_t name_characters = 28, reason_characters = 37, container_characters = 21, origin_characters = 27;
/// Of more images, only those that lose a name are drawn.
constexpr std::size_t most_images = 50;

constexpr std::string_view style = R"(<style>
.card{fill:#fff;stroke:#d1d9e0}.box{fill:#f6f8fa;stroke:#818b98}.line{fill:none;stroke:#818b98;stroke-width:2}
.mounts{stroke-dasharray:7 4}.names{stroke-dasharray:2 4}
.keep{fill:#dafbe1;stroke:#1a7f37}.delete{fill:#ffebe9;stroke:#cf222e}.delete.image{stroke-dasharray:5 4}
text{fill:#1f2328;font:13px -apple-system,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif}
text.id,text.name{font:600 13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
text.small{font-size:12px;fill:#59636e}text.head{font-weight:600;fill:#59636e}
text.word{font-weight:600;font-size:12px;stroke:none}text.word.keep{fill:#116329}text.word.delete{fill:#a40e26}
@media(prefers-color-scheme:dark){
.card{fill:#0d1117;stroke:#3d444d}.box{fill:#151b23;stroke:#9198a1}.line{stroke:#9198a1}
.keep{fill:#12261e;stroke:#3fb950}.delete{fill:#2d1214;stroke:#f85149}
text{fill:#f0f6fc}text.small,text.head{fill:#9198a1}
text.word.keep{fill:#56d364}text.word.delete{fill:#ff7b72}}
</style>
)";

/// Returns the text, or its beginning and "..." if it is longer than `characters`.
std::string shortened(const std::string& text, std::size_t characters) {
    constexpr std::string_view mark = "...";
    if (width_of(text) <= characters) return text;
    return text.substr(0, size_of_characters(text, characters - mark.size())) + std::string(mark);
}

/// A line from a container to an image that it runs, mounts, or was created from by a name that has moved since.
struct Line {
    std::size_t container, image;
    std::string_view word, css;
};

class Picture {
public:
    explicit Picture(const View& view) : view_(view) {
        for (std::size_t number = 0; number < containers().size(); ++number) add_lines(number);
        for (const Line& line : lines_) add_image(line.image);
        for (std::size_t image = 0; image < view.images.size(); ++image)
            is_drawn(image) ? add_image(image) : void(++left_out_);
        if (order_.empty()) order_.push_back(none);
        std::map<std::size_t, std::size_t> first_image;  // by container
        for (const Line& line : lines_) first_image.emplace(line.container, line.image);
        for (std::size_t number = 0; number < containers().size(); ++number) {
            const auto first = first_image.find(number);
            if (first != first_image.end() || left_out_ == 0)
                beside_[first == first_image.end() ? order_.back() : first->second].push_back(number);
        }
        for (const std::size_t image : order_) draw_band(image);
        for (const Line& line : lines_) draw_tie(line);
    }

    void print(std::ostream& out) const {
        const int height = bottom_ + 44;
        const auto& plan = view_.planned.plan;
        const std::string summary =
            "Rule " + view_.planned.rule + " deletes " + std::to_string(plan.deleted_count()) + " of " +
            counted(plan.size(), "name") + ", which " + view_.freed() + "." +
            (left_out_ > 0 ? " Not drawn: " + counted(left_out_, "image") + " that keep all names." : "");
        out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
            << "\" viewBox=\"0 0 " << width << ' ' << height << "\" role=\"img\">\n<title>" << markup(summary)
            << "</title>\n"
            << style << "<rect x=\"0.5\" y=\"0.5\" width=\"" << width - 1 << "\" height=\"" << height - 1
            << "\" rx=\"8\" class=\"card\"/>\n";
        draw_text(out, container_x + container_width / 2, 36, "head", "containers", "middle");
        draw_text(out, image_x + image_width / 2, 36, "head", "images", "middle");
        draw_text(out, name_x, 36, "head", "names: what happens, and why");
        out << lines_drawn_.str() << boxes_drawn_.str();
        draw_text(out, margin, bottom_ + 22, "small", summary);
        out << "</svg>\n";
    }

private:
    static constexpr std::size_t none = SIZE_MAX;

    const std::vector<Container>& containers() const { return view_.planned.listing.containers; }
    bool is_drawn(std::size_t image) const {
        return view_.images.size() <= most_images || view_.images[image].deleted > 0;
    }

    void add_lines(std::size_t number) {
        const auto ties = view_.ties(containers()[number]);
        const bool runs_any = std::any_of(ties.begin(), ties.end(), [](const auto& tie) { return tie.second.runs; });
        for (const bool runs : {true, false})
            for (const auto& [image, tie] : ties) {
                if (tie.runs != runs || !is_drawn(image)) continue;
                if (tie.runs)
                    lines_.push_back({number, image, "runs", "line"});
                else if (tie.mounts)
                    lines_.push_back({number, image, view_.mounts_in_words(number), "line mounts"});
                else
                    lines_.push_back({number, image, runs_any ? "tag moved" : "uses", "line names"});
            }
    }

    /// Images that containers use come first, in the order of their first lines, so that few lines cross.
    void add_image(std::size_t image) {
        if (ordered_.insert(image).second) order_.push_back(image);
    }

    /// Draws an image with its names and the containers beside it, in a band that is as high as these.
    void draw_band(std::size_t image) {
        const auto& beside = beside_[image];
        std::vector<std::vector<std::string>> names, reasons;
        int names_height = 0;
        const Image drawn = image == none ? Image() : view_.images[image];
        for (const std::size_t record : drawn.records) {
            names.push_back(wrapped(view_.name(record), name_characters));
            reasons.push_back(wrapped(view_.reason(record), reason_characters));
            names_height += height_of(names.back(), reasons.back());
        }
        const int height = std::max({names_height, static_cast<int>(beside.size()) * step, step});
        const int middle = image_y_[image] = bottom_ + height / 2;
        int y = middle - (static_cast<int>(beside.size()) - 1) * step / 2;
        for (const std::size_t number : beside) {
            draw_container(number, container_y_[number] = y);
            y += step;
        }
        if (image != none) draw_image(drawn, middle);
        y = middle - names_height / 2;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const int name_height = height_of(names[i], reasons[i]);
            draw_name(to_string(view_.action(drawn.records[i])), names[i], reasons[i], y + name_height / 2);
            draw_line(lines_drawn_, image_x + image_width, middle, pill_x, y + name_height / 2, "line");
            y += name_height;
        }
        bottom_ += height + 10;
    }

    static int height_of(const std::vector<std::string>& name, const std::vector<std::string>& reason) {
        return static_cast<int>(name.size() + reason.size()) * text_line + 12;
    }

    static void draw_text(std::ostream& out, int x, int y, std::string_view css, std::string_view text,
                          std::string_view anchor = "start") {
        out << "<text x=\"" << x << "\" y=\"" << y << "\" class=\"" << css << '"';
        if (anchor != "start") out << " text-anchor=\"" << anchor << '"';
        out << '>' << markup(text) << "</text>\n";
    }
    /// Draws a box; `y` is its centre.
    void draw_box(int x, int y, int box_width, int height, int radius, const std::string& css) {
        boxes_drawn_ << "<rect x=\"" << x << "\" y=\"" << y - height / 2 << "\" width=\"" << box_width << "\" height=\""
                     << height << "\" rx=\"" << radius << "\" class=\"" << css << "\"/>\n";
    }
    static void draw_line(std::ostream& out, int from_x, int from_y, int to_x, int to_y, std::string_view css) {
        const int middle = (from_x + to_x) / 2;
        out << "<path class=\"" << css << "\" d=\"M" << from_x << ' ' << from_y << 'C' << middle << ' ' << from_y << ' '
            << middle << ' ' << to_y << ' ' << to_x << ' ' << to_y << "\"/>\n";
    }

    /// Draws a box with two lines of text.
    void draw_labelled(int x, int y, int box_width, const std::string& css, std::string_view text_css,
                       const std::string& text, const std::string& below) {
        draw_box(x, y, box_width, box_height, 6, css);
        draw_text(boxes_drawn_, x + box_width / 2, y - 4, text_css, text, "middle");
        draw_text(boxes_drawn_, x + box_width / 2, y + 14, "small", below, "middle");
    }
    void draw_image(const Image& image, int y) {
        const Record& record = view_.first(image);
        draw_labelled(image_x, y, image_width, "image " + std::string(image.action()), "id", short_id(record.target),
                      readable_size(record.size) + ", " + created_since(record, view_.planned.now));
    }
    void draw_container(std::size_t number, int y) {
        const Container& container = containers()[number];
        const std::string name = container.name.empty() ? view_.container(number) : container.name;
        const std::string origin = container.image_ref.empty() ? "" : "from " + container.image_ref;
        draw_labelled(container_x, y, container_width, "box", "name", shortened(name, container_characters),
                      shortened(origin, origin_characters));
    }
    void draw_name(std::string_view action, const std::vector<std::string>& name,
                   const std::vector<std::string>& reason, int y) {
        draw_box(pill_x, y, pill_width, 24, 12, std::string(action));
        draw_text(boxes_drawn_, pill_x + pill_width / 2, y + 4, "word " + std::string(action), action, "middle");
        y += 13 - static_cast<int>(name.size() + reason.size()) * text_line / 2;
        for (const auto& [lines, css] : {std::pair(&name, "name"), std::pair(&reason, "small")})
            for (const std::string& line : *lines) {
                draw_text(boxes_drawn_, name_x, y, css, line);
                y += text_line;
            }
    }
    void draw_tie(const Line& line) {
        const int from = container_y_[line.container], to = image_y_[line.image];
        draw_line(lines_drawn_, container_x + container_width, from, image_x, to, line.css);
        const int beside_line = from < to ? 17 : -8;  // on the side that the line does not come from
        draw_text(lines_drawn_, image_x - 8, to + beside_line, "small", line.word, "end");
    }

    const View& view_;
    std::vector<Line> lines_{};
    std::vector<std::size_t> order_{};                          ///< the images that are drawn, from the top
    std::set<std::size_t> ordered_{};                           ///< the same
    std::map<std::size_t, std::vector<std::size_t>> beside_{};  ///< containers by image
    std::map<std::size_t, int> image_y_{}, container_y_{};
    std::size_t left_out_ = 0;
    int bottom_ = top;
    std::ostringstream lines_drawn_{}, boxes_drawn_{};
};

}  // namespace

void print_svg(std::ostream& out, const Planned& planned) {
    const View view(planned);
    Picture(view).print(out);
}

}  // namespace cli
