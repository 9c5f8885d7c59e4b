use std::path::Path;

use artkg_corpus::Corpus;
use artkg_graph::ARTWORK_KIND;
use artkg_image::{
    DecodeLimits, Pixels, decode_file, encode_jpeg, encode_png, resize_shorter_side,
};
use artkg_model::ModelDescription;
use artkg_report::{Link, Page, Picture, Table};
use artkg_vocabulary::{Attribute, shown_class};
use serde::Serialize;

use crate::error::Result;
use crate::explainer::ImageExplanation;
use crate::neighbours::NearWork;
use crate::ties::{Tie, TieNode};

/// The shorter side of the picture with heat, in pixels, where it is not smaller.
const SIDE: usize = 400;
/// The shorter side of the pictures of other works, in pixels.
const SMALL_SIDE: usize = 200;
/// The JPEG quality of pictures on the page.
const QUALITY: u8 = 85;

/// Everything that is said of an image.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The image's path, as it was given.
    pub image: String,
    /// What the model says, and where it looked.
    #[serde(flatten)]
    pub sight: ImageExplanation,
    /// The training works whose visual features are nearest, where a corpus was
    /// given.
    pub alike: Option<Vec<NearWork>>,
    /// The works whose node embeddings are nearest to the predicted one, where
    /// the model predicts one and the embeddings were given.
    pub near_in_graph: Option<Vec<NearWork>>,
    /// What ties the tags together, where a graph was given.
    pub ties: Vec<Tie>,
}

impl Explanation {
    /// The picture with the heat of a tag drawn over it.
    pub fn heat_picture(&self, pixels: &Pixels, tag: usize) -> Pixels {
        let shown = resize_shorter_side(pixels, SIDE.min(pixels.shorter_side()));
        self.sight.tags[tag].heat.draw(&shown, self.sight.region)
    }

    /// The same as a PNG file.
    ///
    /// # Errors
    /// When the picture cannot be written as one.
    pub fn heat_png(&self, pixels: &Pixels, tag: usize) -> Result<Vec<u8>> {
        Ok(encode_png(&self.heat_picture(pixels, tag))?)
    }
}

/// Lays out an explanation of an image, whose `pixels` are the decoded picture, as
/// one HTML page that opens without the internet. The pictures and titles of
/// other works come from `corpus`.
///
/// # Errors
/// When a picture cannot be encoded.
pub fn explanation_page(
    explanation: &Explanation,
    pixels: &Pixels,
    description: &ModelDescription,
    corpus: Option<&Corpus>,
) -> Result<Page> {
    let name = Path::new(&explanation.image).file_name();
    let name = name.map_or_else(
        || explanation.image.clone(),
        |name| name.to_string_lossy().into(),
    );
    let mut page = Page::new(format!("Why these tags: {name}"));
    page.subtitle(format!(
        "{} of a {}, trained on {}",
        description.mode.name().to_uppercase(),
        description.architecture,
        description.provenance.data.name
    ));
    if description.provenance.data.synthetic {
        page.note("Synthetic data: this model learned from generated paintings.");
    }
    let sight = &explanation.sight;
    page.section("Tags");
    for conflict in &sight.conflicts {
        page.remark(conflict);
    }
    page.table(&tag_table(sight));

    page.section("Where the image speaks for them").paragraph(
        "The redder a place, the more it speaks for the tag (Grad-CAM at the network's last stage \
         with rows and columns). Dark margins are cut off before the network sees the picture.",
    );
    page.pictures(&heat_pictures(explanation, pixels)?);

    let tasks: Vec<Attribute> = sight.tags.iter().map(|tag| tag.task).collect();
    let works = |near: &[NearWork]| -> Vec<Picture> {
        near.iter()
            .filter_map(|work| picture(work, &tasks, corpus?))
            .collect()
    };
    if let Some(near) = &explanation.alike {
        page.section("Training works that look alike")
            .paragraph("Nearest by the cosine of the network's features, which is below each.");
        page.pictures(&works(near));
    }
    if let Some(near) = &explanation.near_in_graph {
        page.section("Works near in the knowledge graph").paragraph(
            "Nearest by the cosine between their node's embedding and the one that the model \
             predicts for this image.",
        );
        match corpus {
            Some(_) => page.pictures(&works(near)),
            None => page.table(&near_table(near)),
        };
    }
    if !explanation.ties.is_empty() {
        page.section("What ties the tags together");
        for tie in &explanation.ties {
            page.chain(&links(tie, corpus)).paragraph(&tie.sentence());
        }
    }
    Ok(page)
}

fn tag_table(sight: &ImageExplanation) -> Table {
    let percent = |confidence: f32| format!("{:.1} %", 100.0 * confidence);
    let mut table = Table::new()
        .text_column("task")
        .text_column("tag")
        .number_column("confidence")
        .text_column("else");
    for tag in &sight.tags {
        let others = tag.others.iter();
        let others: Vec<String> = others
            .map(|(class, confidence)| format!("{class} ({})", percent(*confidence)))
            .collect();
        table.row([
            tag.task.to_string(),
            shown_class(&tag.class).to_owned(),
            percent(tag.confidence),
            others.join(", "),
        ]);
    }
    table
}

/// The picture itself, then one with the heat of each tag.
fn heat_pictures(explanation: &Explanation, pixels: &Pixels) -> Result<Vec<Picture>> {
    let shown = resize_shorter_side(pixels, SIDE.min(pixels.shorter_side()));
    let mut pictures = vec![Picture {
        file: encode_jpeg(&shown, QUALITY)?,
        lines: vec!["The picture".to_owned()],
    }];
    for (place, tag) in explanation.sight.tags.iter().enumerate() {
        pictures.push(Picture {
            file: encode_jpeg(&explanation.heat_picture(pixels, place), QUALITY)?,
            lines: vec![
                format!("{}: {}", tag.task, shown_class(&tag.class)),
                format!("confidence {:.1} %", 100.0 * tag.confidence),
            ],
        });
    }
    Ok(pictures)
}

/// A work's picture with what is known of it, its `tasks` included; `None` where it
/// cannot be read.
fn picture(work: &NearWork, tasks: &[Attribute], corpus: &Corpus) -> Option<Picture> {
    let artwork = corpus
        .artworks
        .iter()
        .find(|artwork| artwork.id == work.id)?;
    let limits = DecodeLimits {
        smallest_side: Some(SMALL_SIDE as u32),
        ..DecodeLimits::default()
    };
    let pixels = decode_file(&corpus.image_path(artwork)?, &limits).ok()?;
    let side = SMALL_SIDE.min(pixels.shorter_side());
    let file = encode_jpeg(&resize_shorter_side(&pixels, side), QUALITY).ok()?;
    let mut attributes = vec![
        Attribute::AUTHOR,
        Attribute::SCHOOL,
        Attribute::TIMEFRAME,
        Attribute::TYPE,
    ];
    attributes.extend(tasks.iter().filter(|task| !Attribute::PAPER.contains(task)));
    let mut lines = vec![artwork.cell("title").unwrap_or(&work.id).to_owned()];
    let values = attributes
        .into_iter()
        .filter_map(|each| artwork.attribute(each));
    lines.extend(values.map(str::to_owned));
    lines.push(format!("{} · {:.3}", work.id, work.cosine));
    Some(Picture { file, lines })
}

fn near_table(near: &[NearWork]) -> Table {
    let mut table = Table::new().text_column("work").number_column("cosine");
    for work in near {
        table.row([work.id.clone(), format!("{:.3}", work.cosine)]);
    }
    table
}

/// A tie as a chain, works by their titles where these are known.
fn links(tie: &Tie, corpus: Option<&Corpus>) -> Vec<Link> {
    let thing = |node: &TieNode| {
        let artwork = corpus
            .filter(|_| node.kind == ARTWORK_KIND)
            .and_then(|corpus| {
                corpus
                    .artworks
                    .iter()
                    .find(|artwork| artwork.id == node.name)
            });
        let title = artwork.and_then(|artwork| Some(artwork.cell("title")?.to_owned()));
        Link::Thing(
            node.kind.clone(),
            title.unwrap_or_else(|| node.name.clone()),
        )
    };
    let mut links = vec![thing(&tie.from)];
    if tie.steps.is_empty() {
        links.push(Link::Tie("no path".to_owned()));
        links.push(thing(&tie.to));
    }
    for step in &tie.steps {
        links.push(Link::Tie(step.arrow()));
        links.push(thing(&step.to));
    }
    links
}
