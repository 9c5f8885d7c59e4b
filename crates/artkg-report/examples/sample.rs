//! Prints a sample page, to look at: `cargo run -p artkg-report --example sample > sample.html`.

use artkg_report::{
    BarChart, Card, Curve, HeatMap, LineChart, Page, Result, Table, bar_chart, heat_map, line_chart,
};

fn main() -> Result<()> {
    let mut page = Page::new("Evaluation of demo-kgm");
    page.subtitle("test split, 794 works, ResNet-50, KGM")
        .note("Synthetic data: painted by the program, not by people");
    page.section("Accuracy").cards(&[
        Card::new("Type", ".655", "majority class .232"),
        Card::new("School", ".419", "majority class .232"),
        Card::new("Timeframe", ".555", "majority class .335"),
        Card::new("Author", ".362", "majority class .060"),
    ]);
    let mut table = Table::new()
        .text_column("Task")
        .number_column("Accuracy")
        .number_column("Works");
    table
        .row(["type <15>", "0.655", "1,794"])
        .row(["school", "0.419", "12"]);
    page.paragraph("Share of works whose most confident class is the right one.");
    page.table(&table);

    page.section("Learning curves");
    let decay = |start: f64, rate: f64| {
        let points = 1..=24;
        points
            .map(|epoch| {
                (
                    f64::from(epoch),
                    start * (-rate * f64::from(epoch)).exp() + 0.02,
                )
            })
            .collect()
    };
    let curves = vec![
        Curve::new("training", decay(3.0, 0.25)),
        Curve::new("validation", decay(2.6, 0.12)),
    ];
    let mut chart = LineChart::new("Loss", "epoch", "loss", curves);
    page.figure(
        &line_chart(&chart)?,
        "Mean loss of an epoch.",
        "loss by epoch",
    );
    chart.logarithmic = true;
    let figure = line_chart(&chart)?;
    page.figure(&figure, "The same, logarithmic.", "loss by epoch");

    page.section("Classes");
    let schools = [
        "Italian",
        "Dutch",
        "French",
        "Flemish",
        "German",
        "Spanish",
        "Netherlandish",
    ];
    let bars = schools
        .iter()
        .enumerate()
        .map(|(index, school)| (school.to_string(), 4000.0 / (1 + index * index) as f64))
        .chain([("a school with a name that is far too long".to_owned(), 3.0)])
        .collect();
    let figure = bar_chart(&BarChart::new("Works by school", bars))?;
    page.figure(&figure, "", "works by school");
    for classes in [7, 26, 200] {
        let names = (0..classes)
            .map(|class| format!("{} {class}", schools[class % schools.len()]))
            .collect();
        let counts = (0..classes)
            .map(|row| {
                let cell = |column: usize| match row.abs_diff(column) {
                    0 => 40 + (row * 37 % 60) as u64,
                    distance if (row * 7 + column * 13).is_multiple_of(11) => {
                        (30 / distance) as u64
                    }
                    _ => 0,
                };
                (0..classes).map(cell).collect()
            })
            .collect();
        let map = HeatMap::new(format!("Confusion of {classes} classes"), names, counts);
        page.figure(&heat_map(&map)?, "Confusion matrix.", "confusion matrix");
    }
    page.section("Per class")
        .table(&table.collapsed("Show all classes"));
    print!("{}", page.render());
    Ok(())
}
