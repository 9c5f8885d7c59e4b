use artkg_art::ArtSettings;

/// The settings of a run when nothing is given, for help texts.
pub(super) fn art_default() -> ArtSettings {
    ArtSettings::new("")
}
