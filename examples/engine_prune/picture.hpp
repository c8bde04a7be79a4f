#ifndef ENGINE_PRUNE_PICTURE_HPP
#define ENGINE_PRUNE_PICTURE_HPP

// SPDX-License-Identifier: BSL-1.0

// A plan as a picture (SVG 1.1): containers at the left, a line from each to the images that it runs or mounts, and
// their names at the right, with what happens to each and why. Made for plans of a few images.

#include "size.hpp"
#include "text.hpp"
#include "ties.hpp"
#include "view.hpp"

#include <pruneplan/pruneplan.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine_prune {

/// Escapes a text for XML, between tags or in quotes. XML holds UTF-8 only.
inline std::string xml_text(std::string_view text) {
    std::string out;
    for (const char c : to_utf8(escaped(text))) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

namespace picture {

/// Sizes in pixels, for the width at which README.md shows the picture.
inline constexpr int width = 830, margin = 24, top = 62, box_height = 46, step = 60, text_line = 18;
inline constexpr int container_x = margin, container_width = 186;
inline constexpr int image_x = 304, image_width = 172;
inline constexpr int pill_x = 506, pill_width = 58, name_x = pill_x + pill_width + 10;
inline constexpr std::size_t name_characters = 28, reason_characters = 37, container_characters = 21,
                             origin_characters = 27;

inline constexpr std::string_view style =
    "<style>\n"
    ".card{fill:#fff;stroke:#d1d9e0}.box{fill:#f6f8fa;stroke:#818b98}.line{fill:none;stroke:#818b98;stroke-width:2}\n"
    ".mounts{stroke-dasharray:7 4}.names{stroke-dasharray:2 4}\n"
    ".keep{fill:#dafbe1;stroke:#1a7f37}.delete{fill:#ffebe9;stroke:#cf222e}.delete.image{stroke-dasharray:5 4}\n"
    "text{fill:#1f2328;font:13px -apple-system,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif}\n"
    "text.id,text.name{font:600 13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}\n"
    "text.small{font-size:12px;fill:#59636e}text.head{font-weight:600;fill:#59636e}\n"
    "text.word{font-weight:600;font-size:12px;stroke:none}text.word.keep{fill:#116329}text.word.delete{fill:#a40e26}\n"
    "@media(prefers-color-scheme:dark){\n"
    ".card{fill:#0d1117;stroke:#3d444d}.box{fill:#151b23;stroke:#9198a1}.line{stroke:#9198a1}\n"
    ".keep{fill:#12261e;stroke:#3fb950}.delete{fill:#2d1214;stroke:#f85149}\n"
    "text{fill:#f0f6fc}text.small,text.head{fill:#9198a1}\n"
    "text.word.keep{fill:#56d364}text.word.delete{fill:#ff7b72}}\n"
    "</style>\n";

/// Returns the text, or its beginning and "..." if it is longer than `characters`.
inline std::string shortened(const std::string& text, std::size_t characters) {
    constexpr std::string_view mark = "...";
    if (width_of(text) <= characters) return text;
    return text.substr(0, size_of_characters(text, characters - mark.size())) + std::string(mark);
}

struct Label {
    std::string text, css;
};

/// One name, and its position.
struct Name {
    std::string action;
    std::vector<Label> lines;  ///< the name, then the reason
    int y = 0;                 ///< of its vertical centre

    int height() const { return static_cast<int>(lines.size()) * text_line + 12; }
};

struct ImageBox {
    std::string target, action, id, facts;
    std::vector<Name> names;
    std::vector<std::size_t> containers;  ///< the containers that are drawn beside it
    std::size_t first_line = 0;           ///< the first line to it, by number
    int y = 0;                            ///< of its middle
};

struct ContainerBox {
    std::string name, origin;
    int y = 0;  ///< of its middle
};

struct Line {
    std::size_t container, image;  ///< positions in the layout's lists
    std::string_view word, css;
};

struct Layout {
    std::vector<ImageBox> images;
    std::vector<ContainerBox> containers;
    std::vector<Line> lines;
    int height = 0;
};

inline Name name_of(const View& view, std::size_t record) {
    Name name{std::string(to_string(view.plan[record].action)), {}};
    for (std::string& line : wrapped(familiar_name(view.listing.images[record]), name_characters))
        name.lines.push_back({std::move(line), "name"});
    for (std::string& line : wrapped(reason_in_words(view, record), reason_characters))
        name.lines.push_back({std::move(line), "small"});
    return name;
}

inline std::vector<ImageBox> images_of(const View& view) {
    std::vector<ImageBox> boxes;
    for (const Block& block : blocks_of(view)) {
        const Image& image = view.listing.images[block.records[0]];
        ImageBox box;
        box.target = image.target;
        box.action = block.is_deleted() ? "delete" : "keep";
        box.id = short_id(image.target);
        box.facts = readable_size(image.size) + ", " + created_since(image.created, view.now);
        for (const std::size_t record : block.records) box.names.push_back(name_of(view, record));
        boxes.push_back(std::move(box));
    }
    return boxes;
}

/// Adds a line to each image in the store that the container runs, mounts, or was created from by a name that has moved
/// since.
inline void add_lines(Layout& layout, const View& view, std::size_t number) {
    const auto add = [&](std::string_view target, std::string_view word, std::string_view css) {
        for (std::size_t i = 0; i < layout.images.size(); ++i)
            if (layout.images[i].target == target) layout.lines.push_back({number, i, word, css});
    };
    const Container& container = view.listing.containers[number];
    add(container.id, "runs", "line");
    for (const std::string& target : container.mounted) add(target, mounts_in_words(view, number), "line mounts");
    const auto named = record_created_from(view.index, container);
    if (named && view.index.target(*named) != container.id) add(view.index.target(*named), "tag moved", "line names");
}

inline void add_all_lines(Layout& layout, const View& view) {
    layout.lines.clear();
    for (std::size_t number = 0; number < view.listing.containers.size(); ++number) add_lines(layout, view, number);
}

/// Sorts the images that containers use to the top, in the order of their first lines, and puts each container beside
/// the first image that it uses, so that few lines cross.
inline void put_images_beside_containers(Layout& layout, const View& view) {
    for (ImageBox& image : layout.images) image.first_line = layout.lines.size();
    for (std::size_t i = layout.lines.size(); i-- > 0;) layout.images[layout.lines[i].image].first_line = i;
    std::stable_sort(layout.images.begin(), layout.images.end(),
                     [](const ImageBox& a, const ImageBox& b) { return a.first_line < b.first_line; });
    add_all_lines(layout, view);
    if (layout.images.empty()) layout.images.emplace_back();
    for (std::size_t number = 0; number < layout.containers.size(); ++number) {
        const auto line = std::find_if(layout.lines.begin(), layout.lines.end(),
                                       [&](const Line& candidate) { return candidate.container == number; });
        ImageBox& beside = line == layout.lines.end() ? layout.images.back() : layout.images[line->image];
        beside.containers.push_back(number);
    }
}

/// Sets all vertical positions. Each image takes a band that is as high as its names or its containers.
inline void place(Layout& layout) {
    int y = top;
    for (ImageBox& image : layout.images) {
        int names = 0;
        for (const Name& name : image.names) names += name.height();
        const int height = std::max({names, static_cast<int>(image.containers.size()) * step, step});
        image.y = y + height / 2;
        int name_y = image.y - names / 2;
        for (Name& name : image.names) {
            name.y = name_y + name.height() / 2;
            name_y += name.height();
        }
        int container_y = image.y - (static_cast<int>(image.containers.size()) - 1) * step / 2;
        for (const std::size_t container : image.containers) {
            layout.containers[container].y = container_y;
            container_y += step;
        }
        y += height + 10;
    }
    layout.height = y;
}

inline Layout layout_of(const View& view) {
    Layout layout;
    layout.images = images_of(view);
    for (std::size_t number = 0; number < view.listing.containers.size(); ++number) {
        const Container& container = view.listing.containers[number];
        const std::string name = container.name.empty() ? container_in_words(view.listing, number) : container.name;
        const std::string origin = container.ref.empty() ? "" : "from " + container.ref;
        layout.containers.push_back({shortened(name, container_characters), shortened(origin, origin_characters)});
    }
    add_all_lines(layout, view);
    put_images_beside_containers(layout, view);
    place(layout);
    return layout;
}

// Drawing.

inline std::string number(int value) { return std::to_string(value); }

inline void draw_text(std::ostream& out, int x, int y, std::string_view css, std::string_view text,
                      std::string_view anchor = "start") {
    out << "<text x=\"" << number(x) << "\" y=\"" << number(y) << "\" class=\"" << css << '"';
    if (anchor != "start") out << " text-anchor=\"" << anchor << '"';
    out << '>' << xml_text(text) << "</text>\n";
}

/// Draws a box; `y` is its centre.
inline void draw_box(std::ostream& out, int x, int y, int box_width, int height, int radius, std::string_view css) {
    out << "<rect x=\"" << number(x) << "\" y=\"" << number(y - height / 2) << "\" width=\"" << number(box_width)
        << "\" height=\"" << number(height) << "\" rx=\"" << number(radius) << "\" class=\"" << css << "\"/>\n";
}

inline void draw_line(std::ostream& out, int from_x, int from_y, int to_x, int to_y, std::string_view css = "line") {
    const int middle = (from_x + to_x) / 2;
    out << "<path class=\"" << css << "\" d=\"M" << number(from_x) << ' ' << number(from_y) << 'C' << number(middle)
        << ' ' << number(from_y) << ' ' << number(middle) << ' ' << number(to_y) << ' ' << number(to_x) << ' '
        << number(to_y) << "\"/>\n";
}

inline void draw_image(std::ostream& out, const ImageBox& image) {
    if (image.names.empty()) return;  // it only holds the containers if the store is empty
    for (const Name& name : image.names) draw_line(out, image_x + image_width, image.y, pill_x, name.y);
    draw_box(out, image_x, image.y, image_width, box_height, 6, "image " + image.action);
    draw_text(out, image_x + image_width / 2, image.y - 4, "id", image.id, "middle");
    draw_text(out, image_x + image_width / 2, image.y + 14, "small", image.facts, "middle");
    for (const Name& name : image.names) {
        draw_box(out, pill_x, name.y, pill_width, 24, 12, name.action);
        draw_text(out, pill_x + pill_width / 2, name.y + 4, "word " + name.action, name.action, "middle");
        int y = name.y - static_cast<int>(name.lines.size()) * text_line / 2 + 13;
        for (const Label& line : name.lines) {
            draw_text(out, name_x, y, line.css, line.text);
            y += text_line;
        }
    }
}

inline void draw_container(std::ostream& out, const ContainerBox& container) {
    draw_box(out, container_x, container.y, container_width, box_height, 6, "box");
    draw_text(out, container_x + container_width / 2, container.y - 4, "name", container.name, "middle");
    draw_text(out, container_x + container_width / 2, container.y + 14, "small", container.origin, "middle");
}

inline void draw_tie(std::ostream& out, const Layout& layout, const Line& line) {
    const int from = layout.containers[line.container].y, to = layout.images[line.image].y;
    draw_line(out, container_x + container_width, from, image_x, to, line.css);
    const int beside_line = from < to ? 17 : -8;  // on the side that the line does not come from
    draw_text(out, image_x - 8, to + beside_line, "small", line.word, "end");
}

}  // namespace picture

inline void print_picture(std::ostream& out, const View& view) {
    using namespace picture;
    const Layout layout = layout_of(view);
    const int height = layout.height + 44;
    const std::string summary = "Rule " + std::string(view.rule) + " deletes " +
                                std::to_string(view.plan.deleted_count()) + " of " + counted(view.plan.size(), "name") +
                                ", which frees at most " + readable_size(view.plan.space().freed, 4) + ".";
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << number(width) << "\" height=\"" << number(height)
        << "\" viewBox=\"0 0 " << number(width) << ' ' << number(height) << "\" role=\"img\">\n<title>"
        << xml_text(summary) << "</title>\n"
        << style << "<rect x=\"0.5\" y=\"0.5\" width=\"" << number(width - 1) << "\" height=\"" << number(height - 1)
        << "\" rx=\"8\" class=\"card\"/>\n";
    draw_text(out, container_x + container_width / 2, 36, "head", "containers", "middle");
    draw_text(out, image_x + image_width / 2, 36, "head", "images", "middle");
    draw_text(out, name_x, 36, "head", "names: what happens, and why");
    for (const Line& line : layout.lines) draw_tie(out, layout, line);
    for (const ContainerBox& container : layout.containers) draw_container(out, container);
    for (const ImageBox& image : layout.images) draw_image(out, image);
    draw_text(out, margin, layout.height + 22, "small", summary);
    out << "</svg>\n";
}

}  // namespace engine_prune

#endif
