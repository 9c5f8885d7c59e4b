//! How others name the tensors of transformers and ConvNeXts.

/// How somebody names the tensors of a network.
pub(super) struct Convention {
    /// A tensor that only this convention has, behind the `prefix`.
    pub(super) mark: &'static str,
    /// What stands before every name of the network in files that hold more; there
    /// the other tensors are those of a text tower.
    pub(super) prefixes: &'static [&'static str],
    /// The beginnings of names and what takes their place, the first that fits; `*`
    /// is any number, and names with nothing in their place are left out.
    pub(super) rules: &'static [(&'static str, &'static str)],
}

/// All that are known.
pub(super) const CONVENTIONS: [Convention; 8] = [
    // Hugging Face's DINOv2 in files and, since version 5, in memory.
    Convention {
        mark: "embeddings.patch_embeddings.projection.weight",
        prefixes: &["", "dinov2.", "dinov2_with_registers."],
        rules: &[
            ("embeddings.mask_token", ""),
            ("embeddings.cls_token", "cls_token"),
            ("embeddings.register_tokens", "reg_token"),
            ("embeddings.position_embeddings", "pos_embed"),
            ("embeddings.patch_embeddings.projection", "patch_embed.proj"),
            (
                "encoder.layer.*.attention.attention.query",
                "blocks.*.attn.q",
            ),
            ("encoder.layer.*.attention.attention.key", "blocks.*.attn.k"),
            (
                "encoder.layer.*.attention.attention.value",
                "blocks.*.attn.v",
            ),
            (
                "encoder.layer.*.attention.output.dense",
                "blocks.*.attn.proj",
            ),
            ("encoder.layer.*.attention.q_proj", "blocks.*.attn.q"),
            ("encoder.layer.*.attention.k_proj", "blocks.*.attn.k"),
            ("encoder.layer.*.attention.v_proj", "blocks.*.attn.v"),
            ("encoder.layer.*.attention.o_proj", "blocks.*.attn.proj"),
            ("encoder.layer.*.layer_scale1.lambda1", "blocks.*.ls1.gamma"),
            ("encoder.layer.*.layer_scale2.lambda1", "blocks.*.ls2.gamma"),
            ("encoder.layer.*.mlp.weights_in", "blocks.*.mlp.fc1"),
            ("encoder.layer.*.mlp.weights_out", "blocks.*.mlp.fc2"),
            ("encoder.layer.*.mlp.gate_proj", "blocks.*.mlp.gate"),
            ("encoder.layer.*.mlp.up_proj", "blocks.*.mlp.up"),
            ("encoder.layer.*.mlp.down_proj", "blocks.*.mlp.fc2"),
            ("encoder.layer.*", "blocks.*"),
            ("layernorm", "norm"),
        ],
    },
    // Hugging Face's CLIP.
    Convention {
        mark: "embeddings.class_embedding",
        prefixes: &["", "vision_model."],
        rules: &[
            ("embeddings.class_embedding", "cls_token"),
            ("embeddings.patch_embedding", "patch_embed.proj"),
            ("embeddings.position_embedding.weight", "pos_embed"),
            ("embeddings.position_ids", ""),
            ("pre_layrnorm", "norm_pre"),
            ("encoder.layers.*.self_attn.q_proj", "blocks.*.attn.q"),
            ("encoder.layers.*.self_attn.k_proj", "blocks.*.attn.k"),
            ("encoder.layers.*.self_attn.v_proj", "blocks.*.attn.v"),
            ("encoder.layers.*.self_attn.out_proj", "blocks.*.attn.proj"),
            ("encoder.layers.*.layer_norm1", "blocks.*.norm1"),
            ("encoder.layers.*.layer_norm2", "blocks.*.norm2"),
            ("encoder.layers.*", "blocks.*"),
            ("post_layernorm", "norm"),
        ],
    },
    // Hugging Face's SigLIP.
    Convention {
        mark: "head.probe",
        prefixes: &["", "vision_model."],
        rules: &[
            ("embeddings.patch_embedding", "patch_embed.proj"),
            ("embeddings.position_embedding.weight", "pos_embed"),
            ("embeddings.position_ids", ""),
            ("encoder.layers.*.self_attn.q_proj", "blocks.*.attn.q"),
            ("encoder.layers.*.self_attn.k_proj", "blocks.*.attn.k"),
            ("encoder.layers.*.self_attn.v_proj", "blocks.*.attn.v"),
            ("encoder.layers.*.self_attn.out_proj", "blocks.*.attn.proj"),
            ("encoder.layers.*.layer_norm1", "blocks.*.norm1"),
            ("encoder.layers.*.layer_norm2", "blocks.*.norm2"),
            ("encoder.layers.*", "blocks.*"),
            ("post_layernorm", "norm"),
            ("head.probe", "attn_pool.latent"),
            ("head.attention.in_proj_weight", "attn_pool.qkv.weight"),
            ("head.attention.in_proj_bias", "attn_pool.qkv.bias"),
            ("head.attention.out_proj", "attn_pool.proj"),
            ("head.layernorm", "attn_pool.norm"),
            ("head.mlp", "attn_pool.mlp"),
        ],
    },
    // OpenAI's CLIP and OpenCLIP.
    Convention {
        mark: "transformer.resblocks.0.ln_1.weight",
        prefixes: &["visual."],
        rules: &[
            ("class_embedding", "cls_token"),
            ("positional_embedding", "pos_embed"),
            ("conv1", "patch_embed.proj"),
            ("ln_pre", "norm_pre"),
            (
                "transformer.resblocks.*.attn.in_proj_weight",
                "blocks.*.attn.qkv.weight",
            ),
            (
                "transformer.resblocks.*.attn.in_proj_bias",
                "blocks.*.attn.qkv.bias",
            ),
            (
                "transformer.resblocks.*.attn.out_proj",
                "blocks.*.attn.proj",
            ),
            ("transformer.resblocks.*.ln_1", "blocks.*.norm1"),
            ("transformer.resblocks.*.ln_2", "blocks.*.norm2"),
            ("transformer.resblocks.*.mlp.c_fc", "blocks.*.mlp.fc1"),
            ("transformer.resblocks.*.mlp.c_proj", "blocks.*.mlp.fc2"),
            ("ln_post", "norm"),
            // Into the space that images and texts share.
            ("proj", ""),
        ],
    },
    // timm and Meta's DINOv2; OpenCLIP's towers by timm.
    Convention {
        mark: "blocks.0.attn.qkv.weight",
        prefixes: &["", "visual.trunk."],
        rules: &[
            ("mask_token", ""),
            ("register_tokens", "reg_token"),
            ("blocks.*.mlp.w12", "blocks.*.mlp.fc1"),
            ("blocks.*.mlp.w3", "blocks.*.mlp.fc2"),
        ],
    },
    // Hugging Face's ConvNeXt.
    Convention {
        mark: "encoder.stages.0.layers.0.dwconv.weight",
        prefixes: &["", "convnext."],
        rules: &[
            ("embeddings.patch_embeddings", "stem.0"),
            ("embeddings.layernorm", "stem.1"),
            ("encoder.stages.*.downsampling_layer", "stages.*.downsample"),
            (
                "encoder.stages.*.layers.*.dwconv",
                "stages.*.blocks.*.conv_dw",
            ),
            (
                "encoder.stages.*.layers.*.layernorm",
                "stages.*.blocks.*.norm",
            ),
            (
                "encoder.stages.*.layers.*.pwconv1",
                "stages.*.blocks.*.mlp.fc1",
            ),
            (
                "encoder.stages.*.layers.*.pwconv2",
                "stages.*.blocks.*.mlp.fc2",
            ),
            (
                "encoder.stages.*.layers.*.layer_scale_parameter",
                "stages.*.blocks.*.gamma",
            ),
            ("layernorm", "head.norm"),
        ],
    },
    // Meta's ConvNeXt.
    Convention {
        mark: "downsample_layers.0.0.weight",
        prefixes: &[""],
        rules: &[
            ("downsample_layers.0", "stem"),
            ("downsample_layers.*", "stages.*.downsample"),
            ("stages.*.*.dwconv", "stages.*.blocks.*.conv_dw"),
            ("stages.*.*.pwconv1", "stages.*.blocks.*.mlp.fc1"),
            ("stages.*.*.pwconv2", "stages.*.blocks.*.mlp.fc2"),
            ("stages.*.*", "stages.*.blocks.*"),
            ("norm", "head.norm"),
            ("head", "head.fc"),
        ],
    },
    // torchvision's ConvNeXt: stages and what leads to them alternate.
    Convention {
        mark: "features.1.0.layer_scale",
        prefixes: &[""],
        rules: &[
            ("features.0", "stem"),
            ("features.2", "stages.1.downsample"),
            ("features.4", "stages.2.downsample"),
            ("features.6", "stages.3.downsample"),
            ("features.1.*", "stages.0.blocks.*"),
            ("features.3.*", "stages.1.blocks.*"),
            ("features.5.*", "stages.2.blocks.*"),
            ("features.7.*", "stages.3.blocks.*"),
            ("classifier.0", "head.norm"),
            ("classifier.2", "head.fc"),
        ],
    },
];

/// The parts of torchvision's blocks, by their places.
pub(super) const TORCHVISION_BLOCK: [(&str, &str); 5] = [
    (".block.0.", ".conv_dw."),
    (".block.2.", ".norm."),
    (".block.3.", ".mlp.fc1."),
    (".block.5.", ".mlp.fc2."),
    (".layer_scale", ".gamma"),
];
