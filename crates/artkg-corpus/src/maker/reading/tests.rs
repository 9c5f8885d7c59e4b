use super::*;

/// The makers of a text as a corpus writes them.
fn written(text: &str) -> String {
    let makers: Vec<String> = read(text).iter().map(Maker::to_string).collect();
    makers.join("|")
}

fn check(cases: &[(&str, &str)]) {
    for (text, makers) in cases {
        assert_eq!(written(text), *makers, "{text}");
    }
}

#[test]
fn the_qualifiers_of_the_tate() {
    check(&[
        (
            "Painting attributed to Bhawani Das",
            "Bhawani Das [attributed to]",
        ),
        (
            "attributed to William Morris",
            "William Morris [attributed to]",
        ),
        (
            "after Joseph Mallord William Turner",
            "Joseph Mallord William Turner [after]",
        ),
        ("prints after William Hogarth", "William Hogarth [after]"),
        (
            "pupil of Joseph Mallord William Turner",
            "Joseph Mallord William Turner [pupil of]",
        ),
        ("studio of Richard Wilson", "Richard Wilson [workshop of]"),
        (
            "imitator of Rev. William Gilpin",
            "Rev. William Gilpin [manner of]",
        ),
        (
            "style of Julius Caesar Ibbetson",
            "Julius Caesar Ibbetson [manner of]",
        ),
        ("school of Peter De Wint", "Peter De Wint [school of]"),
        (
            "doubtfully attributed to John Constable",
            "John Constable [attributed to]",
        ),
        (
            "formerly attributed to John Martin",
            "John Martin [formerly attributed to]",
        ),
        ("circle of Paul Gauguin", "Paul Gauguin [circle of]"),
        ("follower of Jan Wyck", "Jan Wyck [follower of]"),
        (
            "Charles Turner, after Joseph Mallord William Turner",
            "Charles Turner|Joseph Mallord William Turner [after]",
        ),
        (
            "Isaac Nicholson, after Thomas Bewick, after Thomas Bewick",
            "Isaac Nicholson|Thomas Bewick [after]",
        ),
        (
            "attributed to Sir Harry Percy Gordon, 2nd Bt",
            "Sir Harry Percy Gordon, 2nd Bt [attributed to]",
        ),
        (
            "British School 17th century, attributed to Mary Beale",
            "British School 17th century|Mary Beale [attributed to]",
        ),
        (
            "attributed to James Bourne, attributed to William Alfred Delamotte",
            "James Bourne [attributed to]|William Alfred Delamotte [attributed to]",
        ),
        (
            "Sir Joshua Reynolds and studio",
            "Sir Joshua Reynolds|Sir Joshua Reynolds [workshop of]",
        ),
        (
            "Alexander Cozens and a pupil",
            "Alexander Cozens|Alexander Cozens [pupil of]",
        ),
        ("British (?) School", "British School [possibly]"),
        ("?British School", "British School [possibly]"),
        (
            "after Susanna Duncombe (née Susanna Highmore)",
            "Susanna Duncombe (née Susanna Highmore) [after]",
        ),
        (
            "attributed to Master of the Giants (? Prince Hoare)",
            "Master of the Giants (? Prince Hoare) [attributed to]",
        ),
    ]);
}

#[test]
fn six_languages_before_and_after_the_name() {
    check(&[
        ("Rembrandt (workshop of)", "Rembrandt [workshop of]"),
        ("Rembrandt, after", "Rembrandt [after]"),
        ("Rembrandt (copy)", "Rembrandt [copy after]"),
        (
            "GOGH, Vincent van (follower of)",
            "GOGH, Vincent van [follower of]",
        ),
        (
            "Werkstatt des Meisters von Flémalle",
            "Meister von Flémalle [workshop of]",
        ),
        (
            "Lucas Cranach d. Ä. (Werkstatt)",
            "Lucas Cranach d. Ä. [workshop of]",
        ),
        ("Umkreis von Hans Memling", "Hans Memling [circle of]"),
        ("Nach Peter Paul Rubens", "Peter Paul Rubens [after]"),
        (
            "Peter Paul Rubens und Werkstatt",
            "Peter Paul Rubens|Peter Paul Rubens [workshop of]",
        ),
        (
            "Dürer, Albrecht, zugeschrieben",
            "Dürer, Albrecht [attributed to]",
        ),
        ("Art des Adriaen Brouwer", "Adriaen Brouwer [manner of]"),
        (
            "ehemals zugeschrieben an Rembrandt",
            "Rembrandt [formerly attributed to]",
        ),
        ("Atelier d’Ingres", "Ingres [workshop of]"),
        (
            "Attribué à Jean-Baptiste Greuze",
            "Jean-Baptiste Greuze [attributed to]",
        ),
        ("d’après Nicolas Poussin", "Nicolas Poussin [after]"),
        ("Copie d'après Titien", "Titien [copy after]"),
        (
            "Clouet, François (entourage de)",
            "Clouet, François [circle of]",
        ),
        ("À la manière de Watteau", "Watteau [manner of]"),
        ("peut-être Géricault", "Géricault [possibly]"),
        (
            "toegeschreven aan Jan van Goyen",
            "Jan van Goyen [attributed to]",
        ),
        (
            "Rembrandt van Rijn (navolger van)",
            "Rembrandt van Rijn [follower of]",
        ),
        ("kopie naar Frans Hals", "Frans Hals [copy after]"),
        (
            "Hendrick Goltzius naar Cornelis van Haarlem",
            "Hendrick Goltzius|Cornelis van Haarlem [after]",
        ),
        ("leerling van Rembrandt", "Rembrandt [pupil of]"),
        (
            "Bottega di Giovanni Bellini",
            "Giovanni Bellini [workshop of]",
        ),
        (
            "già attribuito a Giorgione",
            "Giorgione [formerly attributed to]",
        ),
        ("Scuola dei Carracci", "Carracci [school of]"),
        ("Tiziano e bottega", "Tiziano|Tiziano [workshop of]"),
        ("Raffaello (da)", "Raffaello [after]"),
        ("Taller de El Greco", "El Greco [workshop of]"),
        ("¿Velázquez?", "Velázquez [possibly]"),
        ("Discípulo de Zurbarán", "Zurbarán [pupil of]"),
        ("según Murillo", "Murillo [after]"),
    ]);
}

#[test]
fn qualifiers_that_stand_together() {
    check(&[
        (
            "attributed to the workshop of Rubens",
            "Rubens [attributed to; workshop of]",
        ),
        (
            "Attributed to a follower of Rembrandt",
            "Rembrandt [attributed to; follower of]",
        ),
        (
            "workshop or follower of Rogier van der Weyden",
            "Rogier van der Weyden [workshop of; follower of]",
        ),
        ("Workshop of Rubens (?)", "Rubens [possibly; workshop of]"),
        (
            "Rubens (possibly workshop)",
            "Rubens [possibly; workshop of]",
        ),
        (
            "possibly by the Master of Flémalle",
            "Master of Flémalle [possibly]",
        ),
        ("Rembrandt ?", "Rembrandt [possibly]"),
        (
            "Bhawani Das or a follower",
            "Bhawani Das [possibly]|Bhawani Das [follower of]",
        ),
        (
            "Tiffany Studio (or Imitation)",
            "Tiffany Studio [possibly]|Tiffany Studio [manner of]",
        ),
        (
            "after a design by Gilles-Marie Oppenord",
            "Gilles-Marie Oppenord [after]",
        ),
    ]);
}

#[test]
fn names_in_the_genitive_and_people_near_them() {
    check(&[
        ("Werkstatt Rembrandts", "Rembrandt [workshop of]"),
        (
            "Umkreis Lucas Cranachs d. Ä.",
            "Lucas Cranach d. Ä. [circle of]",
        ),
        ("Schüler Albrecht Dürers", "Albrecht Dürer [pupil of]"),
        ("Nachfolger Rubens'", "Rubens [follower of]"),
        (
            "Werkstatt Peter Paul Rubens",
            "Peter Paul Rubens [workshop of]",
        ),
        ("In der Art Adriaen Brouwers", "Adriaen Brouwer [manner of]"),
        ("Schule Tizians (?)", "Tizian [possibly; school of]"),
        (
            "Umkreis des Monogrammisten HB",
            "Monogrammist HB [circle of]",
        ),
        ("wohl Werkstatt Tizians", "Tizian [possibly; workshop of]"),
        (
            "Lucia Nogueira, associated with Shelagh Wakely",
            "Lucia Nogueira|Shelagh Wakely [circle of]",
        ),
        ("in Verbindung mit Otto Dix", "Otto Dix [circle of]"),
        ("proche de Watteau", "Watteau [circle of]"),
        ("verbonden aan Rembrandt", "Rembrandt [circle of]"),
        ("vicino a Giotto", "Giotto [circle of]"),
        ("asociado a Goya", "Goya [circle of]"),
        ("? attributed to Rubens", "Rubens [possibly; attributed to]"),
    ]);
    for name in [
        "Schule Venedigs",
        "Werkstatt",
        "Werkstatt Berlin",
        "Kreis, Wilhelm",
        "Tasso Katselas Associates, Inc.",
    ] {
        assert_eq!(read(name), [Maker::named(name)], "{name}");
    }
}

#[test]
fn what_only_looks_qualified_stays_as_it_is() {
    for name in [
        "After Hours Studio",
        "Circle of Friends",
        "School of Granada",
        "School of Visual Arts",
        "Atelier Van Lieshout",
        "Taller de Gráfica Popular",
        "Cantagalli Workshop",
        "Rembrandt Studios",
        "Jay-Bee Photographic Studio, Pittsburgh",
        "Baker and Associates",
        "Academy of Art",
        "Adams and Company",
        "Bernd Becher and Hilla Becher",
        "Langlands & Bell (Ben Langlands and Nikki Bell)",
        "Leonardo da Vinci",
        "Vinci, Leonardo da",
        "da Vinci, Leonardo",
        "Nach, Margaret",
        "Wohl, Jeanine",
        "Meissen, after 1750",
        "Copyist",
        "After",
        "?",
        "?tefan luchian",
        "?TEFAN LUCHIAN",
        "cosm? tura",
        "TURA, Cosm?",
        "NICCOL? DI BUONACCORSO",
        "MASTER of the Legend of Saint Ursula (I)",
        "UNKNOWN MASTER, Italian",
        "Samuel Colman (or Coleman)",
        "Thomas Sunderland and other artists",
        "unknown American, Ipswich or Newbury",
        "Gilbert and George",
        "estudio teddy cruz",
        "葛飾北斎",
        "Kathleen Scott (Kathleen, Lady Scott, Kathleen Hilton Young)",
    ] {
        assert_eq!(read(name), [Maker::named(name)], "{name}");
    }
}

#[test]
fn columns_of_qualifiers_may_hold_other_words() {
    let applied = |text: &str| {
        remark(text).map(|remark| {
            let makers = remark.apply(Maker::named("A"));
            let makers: Vec<String> = makers.iter().map(Maker::to_string).collect();
            makers.join("|")
        })
    };
    for (text, makers) in [
        ("Attributed to the", "A [attributed to]"),
        ("Painting attributed to", "A [attributed to]"),
        ("After a composition by", "A [after]"),
        ("Workshop of", "A [workshop of]"),
        ("and assistants", "A|A [workshop of]"),
        ("and Workshop Assistant", "A|A [workshop of]"),
        ("(and Workshop(?))", "A|A [possibly; workshop of]"),
        (
            "(possibly with workshop assistance)",
            "A|A [possibly; workshop of]",
        ),
        ("or a follower", "A [possibly]|A [follower of]"),
        ("navolger van", "A [follower of]"),
    ] {
        assert_eq!(applied(text).as_deref(), Some(makers), "{text}");
    }
    for text in [
        "Japanese",
        "Chinese, active mid-12th century",
        "and a collaborator",
        "",
    ] {
        assert_eq!(applied(text), None, "{text}");
    }
}

#[test]
fn a_plain_name_is_told_without_being_taken_apart() {
    for name in [
        "Edvard Munch",
        "J.-B. Greuze",
        "Clouët, François",
        "葛飾北斎",
    ] {
        assert!(is_plain(name), "{name}");
    }
    for text in [
        "Rubens (WORKSHOP)",
        "Élève de David",
        "Peut-être Géricault",
        "D’après Titien",
        "¿Goya",
        "Goya?",
        "Goya and a pupil",
    ] {
        assert!(!is_plain(text), "{text}");
    }
    assert_eq!(read(" "), []);
}
