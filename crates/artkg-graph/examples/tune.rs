use artkg_graph::triplets::*;
use artkg_graph::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let graph = KnowledgeGraph::load(args[1].as_ref()).unwrap();
    let split = hold_out(&graph, 0.05, 0).unwrap();
    for spec in &args[2..] {
        // model,key=value,...
        let mut parts = spec.split(',');
        let name = parts.next().unwrap();
        let start = std::time::Instant::now();
        let e = if name == "node2vec" {
            let mut o = node2vec::Node2VecOptions {
                threads: 2,
                ..Default::default()
            };
            if let Some(n) = parts.next() {
                o.epochs = n.parse().unwrap();
            }
            node2vec::embed(&split.training, &o, |_| {}).unwrap()
        } else {
            let o = TripletOptions::of(name.parse().unwrap());
            let mut v = serde_json::to_value(o).unwrap();
            for p in parts {
                let (k, x) = p.split_once('=').unwrap();
                v[k] = serde_json::from_str(x)
                    .unwrap_or_else(|_| serde_json::Value::String(x.to_owned()));
            }
            let o: TripletOptions = serde_json::from_value(v).unwrap();
            let mut last = 0.0;
            match embed(&split.training, &o, |p| last = p.loss) {
                Ok(e) => {
                    eprintln!("loss {last:.3}");
                    e
                }
                Err(e) => {
                    println!("{spec}: {e}");
                    continue;
                }
            }
        };
        let seconds = start.elapsed().as_secs_f64();
        let start = std::time::Instant::now();
        let r = evaluate(&e, &graph, &split.held_out, |_, _| {});
        let es = start.elapsed().as_secs_f64();
        let s = |s: &Sides| {
            format!(
                "MRR {:.3} (h {:.3} t {:.3}) H1 {:.3} H10 {:.3}",
                s.both.mean_reciprocal_rank,
                s.head.mean_reciprocal_rank,
                s.tail.mean_reciprocal_rank,
                s.both.hits_at_1,
                s.both.hits_at_10
            )
        };
        println!(
            "{spec}: {seconds:.1}s eval {es:.1}s | kind {} | all {}",
            s(&r.of_kind),
            s(&r.of_all)
        );
        for x in &r.relations {
            println!(
                "   {:15} {:5} kind t {:.3} h {:.4}  all t {:.3} h {:.4}",
                x.relation,
                x.triplets,
                x.of_kind.tail.mean_reciprocal_rank,
                x.of_kind.head.mean_reciprocal_rank,
                x.of_all.tail.mean_reciprocal_rank,
                x.of_all.head.mean_reciprocal_rank
            );
        }
    }
}
