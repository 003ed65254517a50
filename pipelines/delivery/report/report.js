(function () {
  "use strict";
  var facts = JSON.parse(document.getElementById("facts").textContent);
  var figure = document.getElementById("map-figure");
  var marked = [], pinned = null;

  function each(selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); }
  function of(id) { return '[data-t="' + CSS.escape(id) + '"]'; }

  // Every mark of a territory lights up together: outline, chip, dots and table row.
  function mark(id) {
    marked.forEach(function (node) { node.classList.remove("on"); });
    marked = [];
    if (!id) { return; }
    each(".outline" + of(id) + ",.chip" + of(id) + ",.strip circle" + of(id) + ",tr" + of(id) + ",#details li" + of(id), function (node) {
      node.classList.add("on");
      marked.push(node);
    });
    marked.forEach(function (node) {
      // Last drawn lies on top.
      if (node.tagName !== "TR" && node.tagName !== "LI") { node.parentNode.appendChild(node); }
    });
  }

  function tell(id, place) {
    var box = document.getElementById("details"), told = facts.territories[id];
    if (!box || !told) { return; }
    box.querySelector("[data-part=title]").textContent = told.title;
    var unit = box.querySelector("[data-part=unit]");
    unit.hidden = !place;
    unit.textContent = place || "";
    var list = box.querySelector("[data-part=facts]");
    list.textContent = "";
    told.facts.forEach(function (pair) {
      var row = document.createElement("div"), term = document.createElement("dt"), value = document.createElement("dd");
      term.textContent = pair[0];
      value.textContent = pair[1];
      row.appendChild(term);
      row.appendChild(value);
      list.appendChild(row);
    });
    box.querySelector("[data-part=told]").hidden = false;
    box.querySelector("[data-part=index]").hidden = true;
  }

  function show(id, place) { mark(id); tell(id, place); }
  function pin(id) {
    pinned = id;
    each(".terr", function (node) { node.setAttribute("aria-pressed", String(node.dataset.t === id)); });
    if (id) { show(id); } else { rest(); }
  }
  // Nothing pointed at: the kept territory again, or the list of all.
  function rest() {
    var box = document.getElementById("details");
    if (pinned) { show(pinned); return; }
    mark(null);
    if (!box) { return; }
    box.querySelector("[data-part=told]").hidden = true;
    box.querySelector("[data-part=index]").hidden = false;
  }

  if (figure) {
    var order = facts.order.filter(function (id) { return figure.querySelector(".terr" + of(id)); });
    var area = function (event) { return event.target.closest ? event.target.closest(".terr") : null; };
    var place = function (path, group) {
      var told = facts.units[group.dataset.t];
      return told && told[Array.prototype.indexOf.call(group.children, path)];
    };
    each("input[name=layer]", function (input) {
      input.addEventListener("change", function () { figure.dataset.layer = input.value; });
      if (input.checked) { figure.dataset.layer = input.value; }
    });
    figure.addEventListener("mouseover", function (event) {
      var group = area(event);
      if (group) { show(group.dataset.t, place(event.target, group)); }
    });
    figure.querySelector("svg").addEventListener("mouseleave", rest);
    figure.addEventListener("focusin", function (event) { var group = area(event); if (group) { show(group.dataset.t); } });
    figure.addEventListener("focusout", function (event) { if (area(event)) { rest(); } });
    figure.addEventListener("click", function (event) {
      var group = area(event);
      if (group) { pin(pinned === group.dataset.t ? null : group.dataset.t); if (pinned) { show(pinned, place(event.target, group)); } }
    });
    figure.addEventListener("keydown", function (event) {
      var group = area(event);
      if (!group) { return; }
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) {
        var next = order[(order.indexOf(group.dataset.t) + step + order.length) % order.length];
        var target = figure.querySelector(".terr" + of(next));
        group.setAttribute("tabindex", "-1");
        target.setAttribute("tabindex", "0");
        target.focus();
      } else if (event.key === "Enter" || event.key === " ") {
        pin(pinned === group.dataset.t ? null : group.dataset.t);
      } else if (event.key === "Escape") {
        pin(null);
      } else { return; }
      event.preventDefault();
    });
  }

  each(".find", function (button) {
    button.addEventListener("click", function () {
      pin(button.closest("tr").dataset.t);
      if (figure) { figure.scrollIntoView({ block: "start" }); }
    });
  });
  each(".sortable tbody tr", function (row) {
    row.addEventListener("mouseenter", function () { mark(row.dataset.t); });
    row.addEventListener("mouseleave", rest);
  });

  each(".sortable thead button", function (button) {
    button.addEventListener("click", function () {
      var head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
      var column = Array.prototype.indexOf.call(head.parentNode.children, head);
      var was = head.getAttribute("aria-sort");
      // Numbers first come largest on top, text in its own order.
      var down = was ? was === "ascending" : head.classList.contains("num") && column > 0;
      Array.prototype.forEach.call(head.parentNode.children, function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      var value = function (row) { return row.children[column].dataset.v; };
      Array.prototype.slice.call(body.rows).sort(function (one, other) {
        var first = value(one), second = value(other);
        // What is not known stays at the bottom either way.
        if (!first || !second) { return (first ? 0 : 1) - (second ? 0 : 1); }
        var gap = isNaN(first) || isNaN(second) ? first.localeCompare(second, "en") : first - second;
        return down ? -gap : gap;
      }).forEach(function (row) { body.appendChild(row); });
    });
  });

  window.addEventListener("beforeprint", function () { each("details", function (node) { node.open = true; }); });
}());
