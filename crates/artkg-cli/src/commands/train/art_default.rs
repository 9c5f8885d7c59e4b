use artkg_art::ArtConfig;

/// The settings of a run when nothing is given, for help texts.
pub(super) fn art_default() -> ArtConfig {
    ArtConfig::new("")
}
